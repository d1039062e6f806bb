import type { Schemas } from "@/api/client";

export type Reasons = Schemas["Reasons"];
export type Contribution = Schemas["Contribution"];

/** One step on the way from the base value to the answer. */
export type Step = {
  /** Null stands for all features that are not shown one by one. */
  contribution: Contribution | null;
  amount: number;
  from: number;
  to: number;
};
export type Steps = { steps: Step[]; others: number; answer: number; low: number; high: number };

// Of all that was added and taken away; less than this would be no bar.
const NEGLIGIBLE = 0.002;

/** The way from the base value to the answer, the largest steps first and small ones together at the end.
 *
 * `most` says how many are shown by themselves; null shows all.
 */
export function stepsOf(reasons: Reasons, most: number | null): Steps {
  const sorted = [...reasons.contributions].sort(
    (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution),
  );
  const whole = sorted.reduce((sum, part) => sum + Math.abs(part.contribution), 0);
  const weighty = sorted.filter((part) => Math.abs(part.contribution) > whole * NEGLIGIBLE).length;
  const few = Math.min(weighty, most ?? weighty);
  // A single one that is left takes no more room by its name than as the others.
  const shown = most === null || sorted.length - few <= 1 ? sorted : sorted.slice(0, few);
  const rest = sorted.slice(shown.length);
  const amounts: Omit<Step, "from" | "to">[] = shown.map((contribution) => ({
    contribution,
    amount: contribution.contribution,
  }));
  if (rest.length > 0) {
    amounts.push({ contribution: null, amount: rest.reduce((sum, part) => sum + part.contribution, 0) });
  }
  let at = reasons.base;
  const steps = amounts.map((part) => {
    const from = at;
    at += part.amount;
    return { ...part, from, to: at };
  });
  const ends = [reasons.base, ...steps.map((step) => step.to)];
  return { steps, others: rest.length, answer: at, low: Math.min(...ends), high: Math.max(...ends) };
}

/** Classes by their probability, the most probable first; those beyond `most` are counted and added up. */
export function rankedClasses(probabilities: Readonly<Record<string, number>>, most: number) {
  const sorted = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
  const shown = sorted.length > most + 1 ? sorted.slice(0, most) : sorted;
  const rest = sorted.slice(shown.length);
  return { shown, others: rest.length, share: rest.reduce((sum, [, share]) => sum + share, 0) };
}

/** What differs between two rows, as the form holds them. */
export function changesOf(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): { name: string; before: string; after: string }[] {
  return Object.keys(after)
    .filter((name) => (before[name] ?? "") !== after[name])
    .map((name) => ({ name, before: before[name] ?? "", after: after[name] ?? "" }));
}
