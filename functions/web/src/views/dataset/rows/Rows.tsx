import { PageTitle } from "@/ui/PageTitle";

export function Rows() {
  return <PageTitle title="Rows" />;
}
