import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import type { Column } from "@/views/dataset/look/profile";
import { TopBars } from "@/views/dataset/look/Spark";
import { useDatumText } from "@/views/dataset/look/useDatumText";

/** How the values of a column are spread, and which ones occur most. */
export function DetailCharts({ column, rows }: { column: Column; rows: number }) {
  return (
    <Stack gap="lg">
      {column.histogram !== undefined && <Distribution column={column} />}
      {(column.top?.length ?? 0) > 0 && <Top column={column} rows={rows} />}
    </Stack>
  );
}

function Distribution({ column }: { column: Column }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const datumText = useDatumText();
  const { edges, counts } = column.histogram ?? { edges: [], counts: [] };
  const isDate = column.type === "date";
  const edgeText = (place: number) => datumText(edges[place] ?? "", isDate);
  const bins = counts.map((count, place) => ({
    from: edgeText(place),
    range: t("detail.range", { from: edgeText(place), to: edgeText(place + 1) }),
    count,
  }));
  const fullest = bins.reduce((best, bin) => (bin.count > best.count ? bin : best), bins[0] ?? noBin);
  return (
    <Figure
      title={t("detail.distribution")}
      summary={t("detail.distributionSummary", {
        low: edgeText(0),
        high: edgeText(edges.length - 1),
        range: fullest.range,
        count: fullest.count,
      })}
      table={{
        head: [t("detail.value"), t("detail.rows")],
        rows: bins.map((bin) => [bin.range, format.integer(bin.count)]),
      }}
    >
      <BarChart
        h={200}
        data={bins}
        dataKey="from"
        series={[{ name: "count", label: t("detail.rows"), color: "indigo.5" }]}
        barProps={{ radius: 0, isAnimationActive: false }}
        barChartProps={{ barCategoryGap: 1 }}
        tooltipProps={{
          labelFormatter: (_, items) => String(items[0]?.payload?.range ?? ""),
        }}
        valueFormatter={format.integer}
        xAxisProps={{ interval: "preserveStartEnd", minTickGap: 24, fontSize: 11 }}
        yAxisProps={{ width: 52, allowDecimals: false }}
        tickLine="x"
      />
    </Figure>
  );
}

const noBin = { from: "", range: "", count: 0 };

function Top({ column, rows }: { column: Column; rows: number }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const datumText = useDatumText();
  const items = (column.top ?? []).map((item) => ({
    key: JSON.stringify(item.value),
    text: datumText(item.value, column.type === "date"),
    count: item.count,
    share: t("detail.countShare", {
      number: format.integer(item.count),
      share: format.percent(rows === 0 ? 0 : item.count / rows),
    }),
  }));
  const listed = items.reduce((sum, item) => sum + item.count, 0);
  return (
    <Stack component="section" gap="xs" aria-labelledby="look-top">
      <Title order={3} size="h5" id="look-top">
        {t("detail.top")}
      </Title>
      <TopBars items={items} rows={rows} />
      <Text size="xs" c="dimmed">
        {t("detail.topSummary", {
          count: column.distinct,
          listed: items.length,
          share: format.percent(rows === 0 ? 0 : listed / rows),
        })}
      </Text>
    </Stack>
  );
}
