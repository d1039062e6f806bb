import { PageTitle } from "@/ui/PageTitle";

export function Account() {
  return <PageTitle title="Account" />;
}
