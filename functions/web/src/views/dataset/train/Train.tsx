import { PageTitle } from "@/ui/PageTitle";

export function Train() {
  return <PageTitle title="Train" />;
}
