import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { type Day, totals } from "./usage";

/** Requests by day, with the times of the answers in the table. */
export function UsageFigure({ days, version }: { days: readonly Day[]; version: number }) {
  const { t } = useTranslation("run");
  const format = useFormat();
  const { requests, rows, last } = totals(days);
  const within = (milliseconds: number | null | undefined) =>
    milliseconds == null ? t("usage.tooLong") : `${format.integer(milliseconds)} ms`;
  const time = (day: Day, quantile: "p50" | "p95") =>
    day.requests > 0 ? within(day.milliseconds[quantile]) : "–";
  return (
    <Figure
      title={t("usage.requests")}
      summary={t("usage.summary", {
        count: requests,
        version,
        rows: format.integer(rows),
        p50: within(last?.milliseconds.p50),
        p95: within(last?.milliseconds.p95),
      })}
      table={{
        head: [t("usage.day"), t("usage.requests"), t("usage.rows"), t("usage.p50"), t("usage.p95")],
        rows: days.map((day) => [
          format.date(day.date),
          format.integer(day.requests),
          format.integer(day.rows),
          time(day, "p50"),
          time(day, "p95"),
        ]),
      }}
    >
      <BarChart
        h={180}
        data={days.map((day) => ({ day: format.date(day.date), requests: day.requests }))}
        dataKey="day"
        valueFormatter={(count) => format.integer(count)}
        barProps={{ isAnimationActive: false, maxBarSize: 48 }}
        series={[{ name: "requests", label: t("usage.requests"), color: "indigo.6" }]}
      />
    </Figure>
  );
}
