import { PageTitle } from "@/ui/PageTitle";

export function Batch() {
  return <PageTitle title="Batch" />;
}
