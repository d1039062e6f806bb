import { BarChart, ScatterChart } from "@mantine/charts";
import { SimpleGrid, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { diagonal } from "../report/CurveChart";
import type { Report } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { uniqueRows, zip } from "../report/series";
import { styles } from "../report/styles";
import { coverageVerdict, intervalLines, padded } from "./errors";

const SHOWN_ROWS = 60;

/** How far predicted numbers are off. */
export function Errors({ report }: { report: Report }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const {
    predicted_actual: pairs,
    residual_histogram: histogram,
    residual_quantiles: quantiles,
  } = report.curves;
  const bars = histogram?.count.map((count, place) => {
    const from = histogram.edges[place] ?? 0;
    const to = histogram.edges[place + 1] ?? from;
    return { from, to, middle: format.compact((from + to) / 2), rows: count };
  });
  const points = pairs ? zip(pairs.predicted, pairs.actual) : [];
  const domain = padded(points.flat());
  const { interval } = report;
  return (
    <Section id="mistakes" title={t("sections.errors")} intro={t("errors.intro", { target: report.target })}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {points.length > 0 && (
          <Figure
            title={t("errors.scatter")}
            summary={t(interval ? "errors.scatterSummaryInterval" : "errors.scatterSummary", {
              rows: format.integer(points.length),
              coverage: format.percent(interval?.coverage ?? 0, 0),
            })}
            table={{
              head: [t("errors.predicted"), t("errors.actual")],
              rows: uniqueRows(
                points.slice(0, SHOWN_ROWS).map((pair) => pair.map((value) => format.number(value, 5))),
              ),
            }}
          >
            <ScatterChart
              h={320}
              data={[
                {
                  name: t("rows"),
                  color: "indigo.6",
                  data: points.map(([predicted, actual]) => ({ predicted, actual })),
                },
              ]}
              dataKey={{ x: "predicted", y: "actual" }}
              labels={{ x: t("errors.predicted"), y: t("errors.actual") }}
              xAxisLabel={t("errors.predicted")}
              yAxisLabel={t("errors.actual")}
              valueFormatter={{ x: format.compact, y: format.compact }}
              gridAxis="xy"
              xAxisProps={{ domain, allowDataOverflow: true }}
              yAxisProps={{ domain, allowDataOverflow: true, width: 60 }}
              scatterProps={{ fillOpacity: 0.5 }}
              referenceLines={[
                diagonal(domain),
                ...intervalLines(interval, domain).map(([from, to]) => ({
                  segment: [from, to] as const,
                  stroke: "var(--mantine-color-orange-6)",
                  strokeDasharray: "6 3",
                  ifOverflow: "hidden" as const,
                })),
              ]}
            />
          </Figure>
        )}
        {bars && (
          <Figure
            title={t("errors.histogram")}
            summary={t("errors.histogramSummary")}
            table={{
              head: [t("errors.from"), t("errors.to"), t("rows")],
              rows: bars.map(({ from, to, rows }) => [
                format.number(from, 5),
                format.number(to, 5),
                format.integer(rows),
              ]),
            }}
          >
            <BarChart
              h={320}
              data={bars}
              dataKey="middle"
              series={[{ name: "rows", label: t("rows"), color: "indigo.6" }]}
              xAxisLabel={t("errors.residual")}
              yAxisLabel={t("rows")}
              valueFormatter={format.integer}
              barChartProps={{ barCategoryGap: 1 }}
              yAxisProps={{ width: 60 }}
            />
          </Figure>
        )}
      </SimpleGrid>
      {quantiles && (
        <ScrollBox label={t("errors.quantilesCaption")} minWidth={480}>
          <Table>
            <Table.Caption>{t("errors.quantilesCaption")}</Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t("errors.shareBelow")}</Table.Th>
                {Object.keys(quantiles).map((share) => (
                  <Table.Th scope="col" key={share} className={styles.number}>
                    {format.percent(Number(share), 0)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Table.Tr>
                <Table.Th scope="row">{t("errors.residual")}</Table.Th>
                {Object.entries(quantiles).map(([share, value]) => (
                  <Table.Td key={share} className={styles.number}>
                    {format.number(value)}
                  </Table.Td>
                ))}
              </Table.Tr>
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
      {interval && (
        <Text size="sm">
          {t(interval.relative ? "interval.relative" : "interval.absolute", {
            coverage: format.percent(interval.coverage, 0),
            width: interval.relative
              ? format.percent(interval.half_width)
              : format.number(interval.half_width),
          })}{" "}
          {interval.holdout_coverage !== null &&
            t(`interval.${coverageVerdict(interval, report.rows.holdout)}`, {
              covered: format.percent(interval.holdout_coverage),
              width: format.number(interval.holdout_width ?? 0),
            })}
        </Text>
      )}
    </Section>
  );
}
