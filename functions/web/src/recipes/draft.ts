import { useCallback, useSyncExternalStore } from "react";
import type { components } from "@/api/contract";

export type Step = NonNullable<components["schemas"]["RecipeRequest"]["steps"]>[number];

/** A recipe that is being written: it stays in this tab, over reloads, until it is saved as a version. */
export type Draft = { target: string | null; steps: Step[] };

const PREFIX = "csv-analyzer.recipe.";
const EMPTY: Draft = { target: null, steps: [] };

const listeners = new Set<() => void>();
// React compares snapshots by identity, so that equal texts must give the same object.
const parsed = new Map<string, { text: string; draft: Draft }>();

/** The draft of a dataset; an empty one where nothing has been drafted. */
export function loadDraft(datasetId: string): Draft {
  const text = sessionStorage.getItem(PREFIX + datasetId);
  if (text === null) {
    return EMPTY;
  }
  const known = parsed.get(datasetId);
  if (known?.text === text) {
    return known.draft;
  }
  const draft = draftOf(text);
  parsed.set(datasetId, { text, draft });
  return draft;
}

/** Whether something has been drafted, be it that all steps were taken out again. */
export function hasDraft(datasetId: string): boolean {
  return sessionStorage.getItem(PREFIX + datasetId) !== null;
}

export function saveDraft(datasetId: string, draft: Draft): void {
  sessionStorage.setItem(PREFIX + datasetId, JSON.stringify(draft));
  tell();
}

/** Forget the draft; the versions that were saved stay. */
export function clearDraft(datasetId: string): void {
  sessionStorage.removeItem(PREFIX + datasetId);
  tell();
}

/** Put a step at the end of the draft, which begins with `base` where nothing has been drafted yet. */
export function appendStep(datasetId: string, step: Step, base: Draft = EMPTY): void {
  const draft = hasDraft(datasetId) ? loadDraft(datasetId) : base;
  saveDraft(datasetId, { ...draft, steps: [...draft.steps, step] });
}

/** The draft of a dataset, as it changes. */
export function useDraft(datasetId: string): Draft {
  return useSyncExternalStore(
    subscribe,
    useCallback(() => loadDraft(datasetId), [datasetId]),
  );
}

/** Whether something has been drafted, as it changes. */
export function useHasDraft(datasetId: string): boolean {
  return useSyncExternalStore(
    subscribe,
    useCallback(() => hasDraft(datasetId), [datasetId]),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) {
    listener();
  }
}

/** Read what was stored: an older page or a curious user may have left anything there. */
function draftOf(text: string): Draft {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return EMPTY;
  }
  if (typeof content !== "object" || content === null) {
    return EMPTY;
  }
  const { target, steps } = content as { target?: unknown; steps?: unknown };
  return {
    target: typeof target === "string" ? target : null,
    steps: Array.isArray(steps) ? steps.filter(isStep) : [],
  };
}

function isStep(value: unknown): value is Step {
  return typeof value === "object" && value !== null && "step" in value && typeof value.step === "string";
}
