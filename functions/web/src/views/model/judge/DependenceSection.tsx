import { BarChart } from "@mantine/charts";
import { NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { CurveChart } from "../report/CurveChart";
import type { Dependence, Report } from "../report/report";
import { Section } from "../report/Section";
import { shorten } from "../report/series";
import { padded } from "./errors";

/** How the mean answer changes along the columns that matter most. */
export function DependenceSection({ report, reason }: { report: Report; reason: string | null }) {
  const { t } = useTranslation("judge");
  const [params, setParams] = useSearchParams();
  const classes = [
    ...new Set(report.dependence.flatMap(({ series }) => series.map((one) => one.class ?? ""))),
  ];
  const chosen = classes.find((name) => name === params.get("answer")) ?? classes[0] ?? "";
  return (
    <Section id="dependence" title={t("sections.dependence")} intro={t("dependence.intro")}>
      {report.dependence.length === 0 && <Text size="sm">{t("dependence.none")}</Text>}
      {reason !== null && (
        <Text size="sm" c="dimmed" lang="en">
          {reason}
        </Text>
      )}
      {classes.length > 1 && (
        <NativeSelect
          label={t("class")}
          maw={320}
          data={classes}
          value={chosen}
          onChange={({ currentTarget: { value } }) =>
            setParams(
              (before) => {
                before.set("answer", value);
                return before;
              },
              { replace: true, preventScrollReset: true },
            )
          }
        />
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        {report.dependence.map((of) => (
          <OneColumn key={of.feature} of={of} chosen={chosen} target={report.target} />
        ))}
      </SimpleGrid>
    </Section>
  );
}

function OneColumn({ of, chosen, target }: { of: Dependence; chosen: string; target: string }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const series = of.series.find((one) => (one.class ?? "") === chosen) ?? of.series[0];
  if (!series) {
    return null;
  }
  const isShare = series.class !== null;
  const { mean } = series;
  const formatY = isShare ? (value: number) => format.percent(value, 1) : format.compact;
  const isLine = of.type === "numeric" || of.type === "date";
  const xs = of.grid.map((value) => (of.type === "date" ? Date.parse(`${value}Z`) : Number(value)));
  const formatX =
    of.type === "date" ? (value: number) => format.date(new Date(value).toISOString()) : format.compact;
  const nameOf = (value: string | number | boolean) =>
    typeof value === "boolean" ? t(value ? "yes" : "no") : String(value);
  const low = Math.min(...mean);
  const high = Math.max(...mean);
  return (
    <Figure
      title={of.feature}
      summary={t(isShare ? "dependence.summaryClass" : "dependence.summaryNumber", {
        low: formatY(low),
        high: formatY(high),
        class: series.class ?? "",
        target,
        rows: format.integer(of.rows),
      })}
      table={{
        head: [of.feature, isShare ? t("dependence.probability", { class: series.class }) : target],
        rows: of.grid.map((value, place) => [
          isLine
            ? of.type === "date"
              ? formatX(xs[place] ?? 0)
              : format.number(xs[place] ?? 0, 6)
            : nameOf(value),
          formatY(mean[place] ?? 0),
        ]),
      }}
    >
      {isLine ? (
        <CurveChart
          curves={[{ label: of.feature, points: xs.map((x, place) => [x, mean[place] ?? 0]) }]}
          xLabel={shorten(of.feature, 30)}
          yLabel={isShare ? t("dependence.probabilityShort") : shorten(target, 24)}
          formatX={formatX}
          formatY={formatY}
          xDomain={[Math.min(...xs), Math.max(...xs)]}
          yDomain={padded(mean)}
          withDots
        />
      ) : (
        <BarChart
          h={of.grid.length * 28 + 50}
          data={of.grid.map((value, place) => ({
            level: shorten(nameOf(value), 18),
            mean: mean[place] ?? 0,
          }))}
          dataKey="level"
          orientation="vertical"
          series={[{ name: "mean", label: t("dependence.mean"), color: "indigo.6" }]}
          gridAxis="y"
          valueFormatter={formatY}
          xAxisProps={{ tickFormatter: formatY }}
          yAxisProps={{ width: 130, interval: 0 }}
          maxBarWidth={18}
        />
      )}
    </Figure>
  );
}
