import { PageTitle } from "@/ui/PageTitle";

export function Look() {
  return <PageTitle title="Look" />;
}
