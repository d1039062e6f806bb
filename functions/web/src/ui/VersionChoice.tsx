import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Schemas } from "@/api/client";

type Model = Pick<Schemas["ModelView"], "versions" | "production_version">;

/** Which version is to answer, as the API takes it, and its number; null where none can. */
export type Chosen = {
  query: { version?: number; stage?: "staging" };
  version: number;
} | null;

/** The version that the address names: `?version=2`, `?stage=staging`, or the one in production.
 *
 * Where nothing is in production and the address says nothing, the newest that answers is meant.
 */
export function chosenVersion(model: Model, search: URLSearchParams): Chosen {
  const answering = model.versions.filter((version) => version.stage !== "archived");
  const staged = answering.find((version) => version.stage === "staging");
  const wanted = search.get("version");
  if (wanted !== null) {
    const found = answering.find((version) => String(version.version) === wanted);
    return found ? { query: { version: found.version }, version: found.version } : null;
  }
  if (search.get("stage") === "staging") {
    return staged ? { query: { stage: "staging" }, version: staged.version } : null;
  }
  if (model.production_version !== null) {
    return { query: {}, version: model.production_version };
  }
  return staged ? { query: { version: staged.version }, version: staged.version } : null;
}

/** Choose which version answers; the choice stands in the address. */
export function VersionChoice({ model }: { model: Model }) {
  const { t } = useTranslation(["try", "common"]);
  const [search, setSearch] = useSearchParams();
  const chosen = chosenVersion(model, search);
  const staged = model.versions.find((version) => version.stage === "staging");
  const options = [
    ...(model.production_version === null
      ? []
      : [
          { value: "production", label: t("versionChoice.production", { number: model.production_version }) },
        ]),
    ...(staged ? [{ value: "staging", label: t("versionChoice.staging", { number: staged.version }) }] : []),
    ...model.versions.map((version) => ({
      value: String(version.version),
      label: t("versionChoice.numbered", {
        number: version.version,
        stage: t(`common:stage.${version.stage}`),
      }),
      // An archived version answers nobody.
      disabled: version.stage === "archived",
    })),
  ];
  const value =
    chosen === null
      ? null
      : chosen.query.version !== undefined
        ? String(chosen.query.version)
        : (chosen.query.stage ?? "production");
  return (
    <Select
      label={t("versionChoice.label")}
      data={options}
      value={value}
      allowDeselect={false}
      comboboxProps={{ withinPortal: true }}
      onChange={(next) =>
        setSearch(
          (before) => {
            const after = new URLSearchParams(before);
            after.delete("version");
            after.delete("stage");
            if (next === "staging") {
              after.set("stage", next);
            } else if (next !== null && next !== "production") {
              after.set("version", next);
            }
            return after;
          },
          { replace: true },
        )
      }
      w={280}
      maw="100%"
    />
  );
}
