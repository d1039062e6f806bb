import { Button, Tooltip } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/session/hooks";
import { isDone, joinSteps, type Remedy } from "@/views/dataset/look/remedies";
import { useQuotedText } from "@/views/dataset/look/useDatumText";
import type { Remedies } from "@/views/dataset/look/useRemedies";

/** A step, one click away; of several columns one button does it for all of them. */
export function RemedyButton({
  remedies,
  every,
  about,
  isPrimary = false,
}: {
  remedies: Remedies;
  /** Remedies of one kind. */
  every: readonly Remedy[];
  /** What a screen reader adds to the label, so that equal labels can be told apart. */
  about: string;
  isPrimary?: boolean;
}) {
  const { t } = useTranslation(["look", "common"]);
  const quotedText = useQuotedText();
  const mayEdit = useMay("editor");
  const [first] = every;
  if (first === undefined) {
    return null;
  }
  const open = every.filter((remedy) => !isDone(remedies.draft, remedy.step));
  const value = first.value === undefined ? "" : quotedText(first.value);
  const label =
    every.length > 1
      ? t(`remedy.many.${first.key}`, { count: every.length })
      : t(`remedy.${first.key}`, { value });
  // What is wrong with whole rows is about no column.
  const name = about === "" ? label : t("remedies.about", { label, about });
  if (open.length === 0) {
    const done =
      about === ""
        ? t("remedies.about", { label: t("remedies.done"), about: label })
        : t("remedies.doneAbout", { label, about });
    return (
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        c="dimmed"
        leftSection={<IconCheck size={14} />}
        aria-disabled
        aria-label={done}
      >
        {t("remedies.done")}
      </Button>
    );
  }
  const button = (
    <Button
      size="compact-sm"
      variant={isPrimary ? "light" : "default"}
      disabled={!mayEdit || !remedies.isReady}
      aria-label={name}
      onClick={() => remedies.apply(joinSteps(open.map((remedy) => remedy.step)))}
    >
      {label}
    </Button>
  );
  return mayEdit ? (
    button
  ) : (
    <Tooltip label={t("common:forbidden")}>
      <span>{button}</span>
    </Tooltip>
  );
}
