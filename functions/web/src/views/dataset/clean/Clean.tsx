import { PageTitle } from "@/ui/PageTitle";

export function Clean() {
  return <PageTitle title="Clean" />;
}
