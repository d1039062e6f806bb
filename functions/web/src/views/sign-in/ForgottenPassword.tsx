import { PageTitle } from "@/ui/PageTitle";

export function ForgottenPassword() {
  return <PageTitle title="ForgottenPassword" />;
}
