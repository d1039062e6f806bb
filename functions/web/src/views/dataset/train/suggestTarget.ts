import type { Schemas } from "@/api/client";
import type { Task } from "@/ui/metrics";
import { weightOfName } from "@/views/dataset/train/targetNames";
import { type Column, taskOf } from "@/views/dataset/train/task";

/** What speaks for a column as the target. */
export type Reason =
  | "named"
  | "name"
  | "last"
  | "truth"
  | "two_classes"
  | "few_classes"
  | "continuous"
  | "related";

/** Why a column can't be the target: the engine would refuse it. */
export type Refusal = "date" | "all_missing" | "constant" | "few_rows";

/** Why a column is not suggested, though it can be chosen. */
export type Doubt =
  | "id_like"
  | "mostly_missing"
  | "text"
  | "many_classes"
  | "rare_classes"
  | "copy"
  | "leaking"
  | "some_missing";

export type Candidate = {
  column: Column;
  task: Task;
  score: number;
  reasons: Reason[];
  refusal: Refusal | null;
  doubts: Doubt[];
};

export type Suggestion = {
  /** All columns, in the order of the file. */
  candidates: Candidate[];
  /** The few best ones, best first. */
  best: Candidate[];
  /** Whether the first one is far ahead of the second. */
  clear: boolean;
};

const SUGGESTED = 3;
const CLEAR_LEAD = 2;
const MIN_ROWS = 20;
const MAX_CLASSES = 100;
const MEAN_CLASS_ROWS = 4;
const FEW_CLASSES = 20;
const MOSTLY_MISSING = 0.5;
const MUCH_MISSING = 0.05;
const RARE_SHARE = 0.01;
const RELATED = 0.3;
// From here on two columns say the same, which speaks for neither.
const SAME = 0.98;
const WEIGHTS = {
  named: 8,
  last: 2,
  truth: 2.5,
  two_classes: 2,
  few_classes: 1.5,
  continuous: 1,
} as const;
const MISSING_PENALTY = 4;
const RARE_PENALTY = 1;

/** Doubts with which a column is never among the suggested ones. */
const EXCLUDING: ReadonlySet<Doubt> = new Set([
  "id_like",
  "mostly_missing",
  "text",
  "many_classes",
  "copy",
  "leaking",
]);

const DOUBT_OF_WARNING: Readonly<Record<string, Doubt>> = {
  id_like: "id_like",
  mostly_missing: "mostly_missing",
  duplicate_column: "copy",
  leaking_column: "leaking",
};

/** Which columns could be meant to be predicted, and what speaks for and against each. */
export function suggestTarget(profile: Schemas["Profile"]): Suggestion {
  const columns = profile.columns as Column[];
  const warned = doubtsByColumn(profile.warnings);
  const related = relations(profile.correlations);
  const candidates = columns.map((column, place): Candidate => {
    const { task } = taskOf(column, profile.rows);
    const refusal = refusalOf(column, profile.rows);
    const doubts = doubtsOf(column, task, profile.rows, warned.get(column.name) ?? new Set());
    const { reasons, score } = meritsOf(column, task, {
      isNamed: profile.target?.name === column.name,
      isLast: place === columns.length - 1 && columns.length > 1,
      related: related.get(column.name) ?? 0,
    });
    const rare = doubts.includes("rare_classes") ? RARE_PENALTY : 0;
    return {
      column,
      task,
      score: score - MISSING_PENALTY * column.missing_share - rare,
      reasons,
      refusal,
      doubts,
    };
  });
  const best = candidates
    .filter(({ refusal, doubts }) => refusal === null && !doubts.some((doubt) => EXCLUDING.has(doubt)))
    .sort((one, other) => other.score - one.score)
    .slice(0, SUGGESTED);
  const lead = (best[0]?.score ?? 0) - (best[1]?.score ?? 0);
  return { candidates, best, clear: best.length > 0 && (best.length === 1 || lead >= CLEAR_LEAD) };
}

function refusalOf(column: Column, rows: number): Refusal | null {
  if (column.distinct === 0) {
    return "all_missing";
  }
  if (column.type === "date") {
    return "date";
  }
  if (column.distinct === 1) {
    return "constant";
  }
  return rows - column.missing < MIN_ROWS ? "few_rows" : null;
}

function doubtsOf(column: Column, task: Task, rows: number, warned: ReadonlySet<Doubt>): Doubt[] {
  const found = new Set(warned);
  const present = rows - column.missing;
  if (column.type === "text") {
    found.add("text");
  } else if (
    task === "classification" &&
    (column.distinct > MAX_CLASSES || column.distinct * MEAN_CLASS_ROWS > present)
  ) {
    found.add("many_classes");
  }
  if (weightOfName(column.name) < 0) {
    found.add("id_like");
  }
  if (column.missing_share > MOSTLY_MISSING) {
    found.add("mostly_missing");
  } else if (column.missing_share > MUCH_MISSING) {
    found.add("some_missing");
  }
  const top = column.top ?? [];
  if (task === "classification" && top.length === column.distinct && present > 0) {
    const rarest = Math.min(...top.map(({ count }) => count));
    if (rarest / present < RARE_SHARE) {
      found.add("rare_classes");
    }
  }
  return [...found];
}

function meritsOf(
  column: Column,
  task: Task,
  known: { isNamed: boolean; isLast: boolean; related: number },
): { reasons: Reason[]; score: number } {
  const reasons: Reason[] = [];
  let score = 0;
  const add = (reason: Reason, weight: number) => {
    reasons.push(reason);
    score += weight;
  };
  if (known.isNamed) {
    add("named", WEIGHTS.named);
  }
  const byName = weightOfName(column.name);
  if (byName > 0) {
    add("name", byName);
  }
  if (known.isLast) {
    add("last", WEIGHTS.last);
  }
  if (task === "regression") {
    add("continuous", WEIGHTS.continuous);
  } else if (column.type === "boolean") {
    add("truth", WEIGHTS.truth);
  } else if (column.distinct === 2) {
    add("two_classes", WEIGHTS.two_classes);
  } else if (column.distinct <= FEW_CLASSES) {
    add("few_classes", WEIGHTS.few_classes);
  }
  if (known.related >= RELATED) {
    add("related", known.related);
  }
  return { reasons, score };
}

function doubtsByColumn(warnings: Schemas["Profile"]["warnings"]): Map<string, Set<Doubt>> {
  const found = new Map<string, Set<Doubt>>();
  for (const { column, code } of warnings) {
    const doubt = DOUBT_OF_WARNING[code];
    if (column !== null && doubt) {
      found.set(column, (found.get(column) ?? new Set()).add(doubt));
    }
  }
  return found;
}

/** How strongly each column goes with another one, of the pairs that don't simply say the same. */
function relations(pairs: Schemas["Profile"]["correlations"]): Map<string, number> {
  const strongest = new Map<string, number>();
  for (const pair of pairs) {
    const names = Array.isArray(pair.columns) ? pair.columns : [];
    const strength = Math.abs(Number(pair.correlation));
    for (const name of names) {
      if (strength < SAME) {
        strongest.set(String(name), Math.max(strongest.get(String(name)) ?? 0, strength));
      }
    }
  }
  return strongest;
}
