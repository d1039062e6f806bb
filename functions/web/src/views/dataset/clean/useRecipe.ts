import { useState } from "react";
import { $api } from "@/api/client";
import { type Draft, saveDraft, useDraft, useHasDraft } from "@/recipes/draft";
import { type History, record, redo, undo } from "@/recipes/history";

/** The recipe that is being written: the draft of this tab, or else the newest version, and its history. */
export function useRecipe(datasetId: string, newest: number | null) {
  const has = useHasDraft(datasetId);
  const stored = useDraft(datasetId);
  const [around, setAround] = useState<Omit<History<Draft>, "present">>({ past: [], future: [] });
  const base = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/recipe",
    { params: { path: { dataset_id: datasetId }, query: { version: newest } } },
    { enabled: !has && newest !== null },
  );
  const draft =
    has || !base.data ? stored : { target: base.data.target, steps: base.data.steps as Draft["steps"] };
  const history: History<Draft> = { ...around, present: draft };
  const become = (next: History<Draft>) => {
    setAround({ past: next.past, future: next.future });
    saveDraft(datasetId, next.present);
  };
  return {
    draft,
    /** The version that the draft began with, while nothing has been drafted. */
    base: has ? null : (base.data ?? null),
    isPending: !has && newest !== null && base.isPending,
    error: !has && newest !== null ? base.error : null,
    retry: base.refetch,
    change: (next: Draft) => become(record(history, next)),
    undo: () => become(undo(history)),
    redo: () => become(redo(history)),
    canUndo: around.past.length > 0,
    canRedo: around.future.length > 0,
  };
}
