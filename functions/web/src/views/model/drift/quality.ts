import type { Schemas } from "@/api/client";

export type Quality = Schemas["QualityView"];
export type QualityWindow = Schemas["QualityWindow"];
type Figures = Quality["training"]["figures"];

/** A figure on what came true beside the one of the holdout. */
export type Row = {
  metric: string;
  live: number | null;
  training: number | null;
  /** What holds the live figure for 95 of 100; of figures that nothing is known of, null. */
  interval: { low: number; high: number } | null;
  isWorse: boolean;
};

/** The window of drift that is shown, else the one that decided, else the longest. */
export function qualityWindow(quality: Quality, days: number | null): QualityWindow | null {
  const of = (wanted: number | null) => quality.windows.find((window) => window.days === wanted);
  return of(days) ?? of(quality.window_days) ?? quality.windows.at(-1) ?? null;
}

/** Figures that are judged come first, then the one that the version was chosen by, then the others. */
export function rowsOf(quality: Quality, window: QualityWindow): Row[] {
  const judged = window.compared.map((one) => one.metric as string);
  const first = [...judged, quality.metric];
  const place = (metric: string) => {
    const found = first.indexOf(metric);
    return found === -1 ? first.length : found;
  };
  return Object.keys(window.figures)
    .sort((one, other) => place(one) - place(other))
    .map((metric) => {
      const compared = window.compared.find((one) => one.metric === metric);
      return {
        metric,
        live: figure(window.figures, metric),
        training: compared?.training ?? figure(quality.training.figures, metric),
        interval: compared ? { low: compared.low, high: compared.high } : null,
        isWorse: compared?.status === "worse",
      };
    });
}

/** The figure to show by day: the first that is judged, or that there is. */
export function leading(quality: Quality, window: QualityWindow): string | null {
  return rowsOf(quality, window)[0]?.metric ?? null;
}

/** What one figure was on the days of a window, newest first. */
export function byDay(
  quality: Quality,
  window: QualityWindow,
  metric: string,
): { date: string; outcomes: number; value: number | null }[] {
  return quality.by_day
    .filter((day) => day.date >= window.first_day && day.date <= window.last_day)
    .map((day) => ({ date: day.date, outcomes: day.outcomes, value: figure(day.figures, metric) }))
    .reverse();
}

function figure(figures: Figures, metric: string): number | null {
  return figures[metric] ?? null;
}
