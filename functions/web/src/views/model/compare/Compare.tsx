import { PageTitle } from "@/ui/PageTitle";

export function Compare() {
  return <PageTitle title="Compare" />;
}
