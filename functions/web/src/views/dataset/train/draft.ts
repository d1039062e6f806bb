import type { Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";

export type TrainRequest = Schemas["TrainRequest"];
export type Options = Schemas["OrderedOptions"];

/** A training as it is being put together; empty texts stand for what is left to the service. */
export type Draft = {
  target: string;
  task: NonNullable<TrainRequest["task"]>;
  metric: NonNullable<TrainRequest["metric"]>;
  /** Seconds; null is the default of the service. */
  budget: number | null;
  recipe: number | null;
  model: string;
  exclude: string[];
  keep: string[];
  weighting: "none" | "balanced" | "own";
  weights: { label: string; weight: number }[];
  split: "random" | "group" | "time";
  group: string;
  time: string;
  compact: boolean;
  recall: boolean;
  reasons: boolean;
  seed: number;
};

export const MIN_BUDGET = 5;
export const MAX_BUDGET = 600;
export const MAX_SEED = 2 ** 31 - 1;

export const EMPTY: Draft = {
  target: "",
  task: "auto",
  metric: "auto",
  budget: null,
  recipe: null,
  model: "",
  exclude: [],
  keep: [],
  weighting: "none",
  weights: [],
  split: "random",
  group: "",
  time: "",
  compact: false,
  recall: true,
  reasons: true,
  seed: 0,
};

const keyOf = (datasetId: string) => `csv-analyzer.train.${datasetId}`;

/** What was being put together before a reload; what does not look like a draft any more is left out. */
export function readDraft(datasetId: string): Draft {
  let stored: unknown = null;
  try {
    stored = JSON.parse(sessionStorage.getItem(keyOf(datasetId)) ?? "null");
  } catch {
    // Then there is none.
  }
  if (stored === null || typeof stored !== "object") {
    return EMPTY;
  }
  const fits = Object.entries(stored).filter(([name, value]) => {
    const model = EMPTY[name as keyof Draft];
    const isNullable = name === "budget" || name === "recipe";
    return isNullable
      ? value === null || typeof value === "number"
      : model !== undefined && typeof value === typeof model && Array.isArray(value) === Array.isArray(model);
  });
  return { ...EMPTY, ...Object.fromEntries(fits) };
}

export function writeDraft(datasetId: string, draft: Draft): void {
  sessionStorage.setItem(keyOf(datasetId), JSON.stringify(draft));
}

export function forgetDraft(datasetId: string): void {
  sessionStorage.removeItem(keyOf(datasetId));
}

/** The draft that would order a training again. */
export function draftOf(job: Schemas["JobView"]): Draft {
  const options = job.options;
  if (!options) {
    return { ...EMPTY, target: job.target, model: job.model };
  }
  const weights = options.class_weights ?? null;
  return {
    target: job.target,
    model: job.model,
    task: options.task ?? "auto",
    metric: options.metric ?? "auto",
    budget: Math.min(MAX_BUDGET, Math.max(MIN_BUDGET, options.budget_seconds)),
    recipe: options.recipe ?? null,
    exclude: options.exclude ?? [],
    keep: options.keep ?? [],
    weighting: weights === null ? "none" : weights === "balanced" ? "balanced" : "own",
    weights:
      weights !== null && typeof weights === "object"
        ? Object.entries(weights).map(([label, weight]) => ({ label, weight }))
        : [],
    split: options.group ? "group" : options.time ? "time" : "random",
    group: options.group ?? "",
    time: options.time ?? "",
    compact: options.compact ?? false,
    recall: options.recall ?? true,
    reasons: options.reasons ?? true,
    seed: options.seed ?? 0,
  };
}

/** The request that orders a draft. */
export function requestOf(draft: Draft): TrainRequest {
  const own = draft.weights.filter(({ label }) => label !== "");
  return {
    target: draft.target,
    task: draft.task,
    metric: draft.metric,
    budget_seconds: draft.budget,
    recipe: draft.recipe,
    model: draft.model || null,
    exclude: draft.exclude,
    keep: draft.keep,
    class_weights:
      draft.weighting === "own" && own.length > 0
        ? Object.fromEntries(own.map(({ label, weight }) => [label, weight]))
        : draft.weighting === "balanced"
          ? "balanced"
          : null,
    group: draft.split === "group" && draft.group ? draft.group : null,
    time: draft.split === "time" && draft.time ? draft.time : null,
    compact: draft.compact,
    recall: draft.recall,
    reasons: draft.reasons,
    seed: draft.seed,
  };
}

const FIELDS: Readonly<Record<string, keyof Draft>> = {
  target: "target",
  task: "task",
  metric: "metric",
  budget_seconds: "budget",
  recipe: "recipe",
  model: "model",
  exclude: "exclude",
  keep: "keep",
  class_weights: "weights",
  group: "group",
  time: "time",
  seed: "seed",
};

/** The service's words beside the fields that they are about, and whether there are others. */
export function faultsByField(error: unknown): {
  fields: Partial<Record<keyof Draft, string>>;
  rest: boolean;
} {
  const fields: Partial<Record<keyof Draft, string>> = {};
  let rest = !(error instanceof ProblemError) || error.faults.length === 0;
  for (const fault of error instanceof ProblemError ? error.faults : []) {
    const field = FIELDS[fault.location?.split(".")[1] ?? ""];
    if (field) {
      fields[field] = fields[field] ? `${fields[field]} ${fault.message}` : fault.message;
    } else {
      rest = true;
    }
  }
  return { fields, rest };
}

const MODEL_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Whether the service takes a model's name. */
export function isModelName(name: string): boolean {
  return MODEL_NAME.test(name);
}

/** What the service calls the model of a file when nobody named it. */
export function modelNameOf(fileName: string): string {
  const stem = fileName.replace(/\.csv$/i, "").toLowerCase();
  const slug = stem.replace(/[^a-z0-9_-]+/g, "-").replace(/^[-_]+|[-_]+$/g, "");
  return slug.slice(0, 64).replace(/^[-_]+|[-_]+$/g, "") || "model";
}
