import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { type Bin, drawn, type Feature, mostMoved } from "./drift";
import { useLabel } from "./useLabel";

const ROW_PX = 34;
const AXIS_PX = 70;
const LABEL_PX = 130;

/** Shares of the training's rows and of those that were scored, bin by bin. */
export function DistributionFigure({
  title,
  bins,
  type,
}: {
  title: string;
  bins: readonly Bin[];
  type: Feature["type"] | null;
}) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  const label = useLabel(type);
  const shown = drawn(bins);
  const most = mostMoved(shown);
  if (!most) {
    return null;
  }
  return (
    <Figure
      title={title}
      summary={t("figure.summary", {
        bin: label(most),
        training: format.percent(most.training),
        observed: format.percent(most.observed),
      })}
      table={{
        head: [t("figure.bin"), t("figure.training"), t("figure.observed")],
        rows: shown.map((bin) => [label(bin), format.percent(bin.training), format.percent(bin.observed)]),
      }}
    >
      <BarChart
        h={shown.length * ROW_PX + AXIS_PX}
        data={shown.map((bin) => ({ bin: label(bin), training: bin.training, observed: bin.observed }))}
        dataKey="bin"
        orientation="vertical"
        withLegend
        legendProps={{ verticalAlign: "top" }}
        gridAxis="y"
        valueFormatter={(share) => format.percent(share)}
        xAxisProps={{ tickFormatter: (share: number) => format.percent(share, 0) }}
        yAxisProps={{ width: LABEL_PX, interval: 0 }}
        barProps={{ isAnimationActive: false }}
        series={[
          { name: "training", label: t("figure.training"), color: "gray.5" },
          { name: "observed", label: t("figure.observed"), color: "indigo.6" },
        ]}
      />
    </Figure>
  );
}
