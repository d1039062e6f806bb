import { PageTitle } from "@/ui/PageTitle";

export function SignIn() {
  return <PageTitle title="SignIn" />;
}
