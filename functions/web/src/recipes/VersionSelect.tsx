import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api, type Schemas } from "@/api/client";

type RecipeSummary = Schemas["RecipeSummary"];

/** The version of the recipe that the address asks for; null for the data as they were read. */
export function useRecipeVersion(): number | null {
  const [params] = useSearchParams();
  const version = Number(params.get("recipe"));
  return Number.isInteger(version) && version > 0 ? version : null;
}

/** The versions whose data can be looked at, newest first. */
export function useReadyRecipes(datasetId: string): RecipeSummary[] {
  const recipes = $api.useQuery("get", "/datasets/{dataset_id}/recipes", {
    params: { path: { dataset_id: datasetId }, query: { limit: 100 } },
  });
  return recipes.data?.items.filter((recipe) => recipe.status === "READY") ?? [];
}

/** Choose between the data as they were read and as a version of the recipe left them. */
export function VersionSelect({ datasetId }: { datasetId: string }) {
  const { t } = useTranslation("look");
  const version = useRecipeVersion();
  const recipes = useReadyRecipes(datasetId);
  const [, setParams] = useSearchParams();
  if (recipes.length === 0 && version === null) {
    return null;
  }
  const versions = new Set(recipes.map((recipe) => recipe.version));
  if (version !== null) {
    versions.add(version);
  }
  return (
    <NativeSelect
      aria-label={t("version.label")}
      w={{ base: "100%", xs: "auto" }}
      value={version ?? ""}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setParams((params) => {
          params.delete("recipe");
          if (value !== "") {
            params.set("recipe", value);
          }
          return params;
        });
      }}
      data={[
        { value: "", label: t("version.asRead") },
        ...[...versions]
          .sort((a, b) => b - a)
          .map((number) => ({ value: String(number), label: t("version.after", { number }) })),
      ]}
    />
  );
}
