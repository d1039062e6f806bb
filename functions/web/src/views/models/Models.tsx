import { PageTitle } from "@/ui/PageTitle";

export function Models() {
  return <PageTitle title="Models" />;
}
