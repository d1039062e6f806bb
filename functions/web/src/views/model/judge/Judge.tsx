import { PageTitle } from "@/ui/PageTitle";

export function Judge() {
  return <PageTitle title="Judge" />;
}
