import { useTranslation } from "react-i18next";
import { BackLink } from "@/ui/BackLink";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";

const LISTS = { dataset: "datasets", training: "trainings", model: "models" } as const;

/** The view of a thing that could not be had: what it was to be, why it is not there, and the ways on. */
export function Unavailable({
  thing,
  error,
  onRetry,
}: {
  thing: keyof typeof LISTS;
  error: unknown;
  onRetry: () => void;
}) {
  const { t } = useTranslation();
  const list = LISTS[thing];
  return (
    <>
      <BackLink to={`/${list}`} label={t(`shell.${list}`)} />
      <PageTitle title={t(`thing.${thing}`)} />
      <ProblemAlert error={error} onRetry={onRetry} />
    </>
  );
}
