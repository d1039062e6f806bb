import type { Draft, Step } from "@/recipes/draft";

/** What makes two drafts the same recipe. */
export function textOf({ target, steps }: Draft): string {
  return JSON.stringify([target, steps.map(canonical)]);
}

/** How many of the first steps two recipes have in common: what these did, both know. */
export function commonSteps(left: readonly unknown[], right: readonly unknown[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    if (JSON.stringify(canonical(left[index])) !== JSON.stringify(canonical(right[index]))) {
      return index;
    }
  }
  return length;
}

/** A value whose objects name their fields in the order of the alphabet. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return fields.map(([name, entry]) => [name, canonical(entry)]);
}

/** A step of a list that is edited and put into another order, under a name that stays. */
export type Named = { readonly id: string; readonly text: string };

/** Give steps the names that they had: found by what they say, or else, if edited, by their place. */
export function nameSteps(before: readonly Named[], steps: readonly Step[], fresh: () => string): Named[] {
  const free = new Map(before.map((entry) => [entry.id, entry]));
  const take = (entry: Named | undefined) => {
    if (entry) free.delete(entry.id);
    return entry?.id;
  };
  const texts = steps.map((step) => JSON.stringify(canonical(step)));
  const ids = texts.map((text, index) => {
    const here = before[index];
    return here?.text === text ? take(here) : undefined;
  });
  texts.forEach((text, index) => {
    ids[index] ??= take([...free.values()].find((entry) => entry.text === text));
  });
  return texts.map((text, index) => {
    const here = before[index];
    const id = ids[index] ?? take(here && free.get(here.id)) ?? fresh();
    return { id, text };
  });
}
