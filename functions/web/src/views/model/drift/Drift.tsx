import { PageTitle } from "@/ui/PageTitle";

export function Drift() {
  return <PageTitle title="Drift" />;
}
