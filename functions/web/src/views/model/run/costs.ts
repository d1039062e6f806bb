import type { Schemas } from "@/api/client";

export type Cost = { usd: number; seconds: number; memoryGb: number };

/** What a training is estimated to have cost, as its report has it; null where that is not known. */
export function costOf(report: Pick<Schemas["Report"], "cost"> | undefined): Cost | null {
  const cost = report?.cost;
  if (!cost || typeof cost.usd !== "number") {
    return null;
  }
  return { usd: cost.usd, seconds: Number(cost.seconds ?? 0), memoryGb: Number(cost.memory_gb ?? 0) };
}

/** What trainings cost together, as far as it is known. */
export function together(costs: readonly (Cost | null)[]): number {
  return costs.reduce((sum, cost) => sum + (cost?.usd ?? 0), 0);
}

/** Dollars: of small amounts two digits that say something, of large ones cents. */
export function dollars(amount: number, locale: string): string {
  const digits: Intl.NumberFormatOptions = amount < 1 ? { maximumSignificantDigits: 2 } : {};
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", ...digits }).format(amount);
}
