import { PageTitle } from "@/ui/PageTitle";

export function Datasets() {
  return <PageTitle title="Datasets" />;
}
