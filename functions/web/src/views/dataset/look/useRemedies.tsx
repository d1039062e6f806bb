import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { $api } from "@/api/client";
import { appendStep, type Draft, type Step, useDraft, useHasDraft } from "@/recipes/draft";
import { useReadyRecipes, useRecipeVersion } from "@/recipes/VersionSelect";
import { NewsLink } from "@/shell/NewsLink";

export type Remedies = {
  /** The draft as it would be opened in Clean: where there is none, it begins with the version looked at. */
  draft: Draft;
  target: string | null;
  isReady: boolean;
  apply: (steps: readonly Step[]) => void;
};

/** What appends steps to the dataset's draft, and says so. */
export function useRemedies(datasetId: string): Remedies {
  const { t } = useTranslation("look");
  const navigate = useNavigate();
  const viewed = useRecipeVersion();
  const newest = useReadyRecipes(datasetId)[0]?.version ?? null;
  const drafted = useDraft(datasetId);
  const isDrafted = useHasDraft(datasetId);
  const version = viewed ?? newest;
  const needsBase = !isDrafted && version !== null;
  const recipe = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/recipe",
    { params: { path: { dataset_id: datasetId }, query: { version } } },
    { enabled: needsBase },
  );
  const base: Draft | undefined = recipe.data && {
    target: recipe.data.target,
    steps: recipe.data.steps as Step[],
  };
  const draft = needsBase ? (base ?? drafted) : drafted;
  const clean = `/datasets/${datasetId}/clean`;
  return {
    draft,
    target: draft.target,
    isReady: !needsBase || base !== undefined,
    apply: (steps) => {
      for (const step of steps) {
        appendStep(datasetId, step, base);
      }
      const id = `remedy-${datasetId}`;
      // One notification stands for all remedies, so that ten clicks do not pile up ten of them.
      notifications.hide(id);
      notifications.show({
        id,
        color: "green",
        title: t("remedies.added", { count: steps.length }),
        message: (
          <NewsLink
            to={clean}
            label={t("remedies.toClean")}
            onOpen={() => {
              notifications.hide(id);
              navigate(clean);
            }}
          />
        ),
      });
    },
  };
}
