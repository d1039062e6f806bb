import { MultiSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { MOST } from "./compare";

/** Choose what is compared; the first one is what the others are measured against. */
export function VersionPicker({
  versions,
  chosen,
  onChoose,
}: {
  versions: readonly Schemas["VersionSummary"][];
  chosen: readonly number[];
  onChoose: (versions: number[]) => void;
}) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  return (
    <MultiSelect
      label={t("compare.versions")}
      description={t("compare.versionsHint", { count: MOST })}
      data={versions.map(({ version, stage, created_at }) => ({
        value: String(version),
        label: t("compare.version", {
          version: t("common:version", { number: version }),
          stage: t(`common:stage.${stage}`),
          date: format.date(created_at),
        }),
      }))}
      value={chosen.map(String)}
      onChange={(values) => onChoose(values.map(Number))}
      maxValues={MOST}
      searchable
      hidePickedOptions
      maw={720}
      nothingFoundMessage={t("compare.noVersion")}
    />
  );
}
