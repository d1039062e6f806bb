import { Skeleton, Stack } from "@mantine/core";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useDataset } from "@/views/dataset/Dataset";
import { type Draft, draftOf, readDraft } from "@/views/dataset/train/draft";
import { TrainFormView } from "@/views/dataset/train/TrainFormView";

/** Order a training on a dataset.
 *
 * The address may choose beforehand: `?target=`, `?recipe=`, or `?like=` a training that is to be repeated.
 */
export function Train() {
  const { id } = useDataset();
  const [parameters, setParameters] = useSearchParams();
  const [chosen] = useState(() => ({
    like: parameters.get("like"),
    recipe: /^\d{1,6}$/.test(parameters.get("recipe") ?? "") ? Number(parameters.get("recipe")) : null,
    target: parameters.get("target"),
  }));
  const earlier = $api.useQuery(
    "get",
    "/jobs/{job_id}",
    { params: { path: { job_id: chosen.like ?? "" } } },
    { enabled: chosen.like !== null },
  );

  useEffect(() => {
    // The draft holds it from now on: a reload must not undo what was changed after.
    if (["like", "recipe", "target"].some((name) => parameters.has(name))) {
      setParameters({}, { replace: true });
    }
  }, [parameters, setParameters]);

  if (chosen.like !== null && earlier.isPending) {
    return (
      <Stack role="status">
        <Skeleton height={260} />
        <Skeleton height={160} />
      </Stack>
    );
  }
  return (
    <>
      {earlier.isError && <ProblemAlert error={earlier.error} />}
      <Begun key={id} datasetId={id} earlier={earlier.data} recipe={chosen.recipe} target={chosen.target} />
    </>
  );
}

function Begun({
  datasetId,
  earlier,
  recipe,
  target,
}: {
  datasetId: string;
  earlier: Schemas["JobView"] | undefined;
  recipe: number | null;
  target: string | null;
}) {
  const isRepeated = earlier?.dataset_id === datasetId;
  const [draft] = useState<Draft>(() => {
    const begun = isRepeated ? draftOf(earlier) : readDraft(datasetId);
    return { ...begun, recipe: recipe ?? begun.recipe, target: target ?? begun.target };
  });
  return <TrainFormView draft={draft} isRepeated={isRepeated} />;
}
