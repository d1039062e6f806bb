import { PageTitle } from "@/ui/PageTitle";

export function Training() {
  return <PageTitle title="Training" />;
}
