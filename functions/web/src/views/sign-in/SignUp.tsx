import { PageTitle } from "@/ui/PageTitle";

export function SignUp() {
  return <PageTitle title="SignUp" />;
}
