import { PageTitle } from "@/ui/PageTitle";

export function Run() {
  return <PageTitle title="Run" />;
}
