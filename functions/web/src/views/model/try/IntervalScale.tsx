import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import classes from "@/views/model/try/Try.module.css";

/** A number on a scale with its interval, and where the answer before stood. */
export function IntervalScale({
  value,
  interval,
  former,
}: {
  value: number;
  interval: Schemas["PredictionInterval"];
  former: number | null;
}) {
  const { t } = useTranslation("try");
  const format = useFormat();
  const { place, percent } = scaleOf([
    interval.low,
    interval.high,
    value,
    ...(former === null ? [] : [former]),
  ]);
  const summary = t("interval.summary", {
    share: format.percent(interval.coverage, 0),
    low: format.number(interval.low),
    high: format.number(interval.high),
  });
  return (
    <Figure title={t("interval.title")} summary={summary}>
      <div className={classes.scale}>
        <div className={classes.axis} />
        <div
          className={classes.span}
          style={{
            insetInlineStart: percent(interval.low),
            inlineSize: `${place(interval.high) - place(interval.low)}%`,
          }}
        />
        {former !== null && <div className={classes.former} style={{ insetInlineStart: percent(former) }} />}
        <div className={classes.mark} style={{ insetInlineStart: percent(value) }} />
        <span className={classes.tick} style={{ insetInlineStart: percent(interval.low) }}>
          {format.number(interval.low)}
        </span>
        <span
          className={classes.tick}
          style={{ insetInlineStart: percent(interval.high), transform: "translateX(-100%)" }}
        >
          {format.number(interval.high)}
        </span>
      </div>
    </Figure>
  );
}

/** Where values stand between 0 and 100 %, with some room at both ends. */
function scaleOf(values: readonly number[]) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  // An interval without width stands in the middle.
  const place = (value: number) => (span > 0 ? 6 + (88 * (value - low)) / span : 50);
  return { place, percent: (value: number) => `${place(value)}%` };
}
