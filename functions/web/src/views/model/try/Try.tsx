import { PageTitle } from "@/ui/PageTitle";

export function Try() {
  return <PageTitle title="Try" />;
}
