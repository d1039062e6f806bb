import { PageTitle } from "@/ui/PageTitle";

export function Trainings() {
  return <PageTitle title="Trainings" />;
}
