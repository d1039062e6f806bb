import { SimpleGrid } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { CurveChart, diagonal, type Marker } from "../report/CurveChart";
import type { PrecisionRecallCurve, RocCurve } from "../report/report";
import { uniqueRows, zip } from "../report/series";

/** ROC beside precision and recall, with points on both. */
export function CurvePair({
  roc,
  precisionRecall,
  onRoc = [],
  onPrecisionRecall = [],
}: {
  roc: RocCurve | undefined;
  precisionRecall: PrecisionRecallCurve | undefined;
  onRoc?: Marker[];
  onPrecisionRecall?: Marker[];
}) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const percent = (value: number) => format.percent(value, 0);
  const exact = (value: number) => format.percent(value, 1);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {roc && (
        <Figure
          title={t("roc.title")}
          summary={t("roc.summary", { area: format.number(roc.area, 3), class: roc.class })}
          table={{
            head: [t("roc.x"), t("roc.y")],
            rows: uniqueRows(
              zip(roc.false_positive_rate, roc.true_positive_rate).map((pair) => pair.map(exact)),
            ),
          }}
        >
          <CurveChart
            curves={[{ label: roc.class, points: zip(roc.false_positive_rate, roc.true_positive_rate) }]}
            xLabel={t("roc.x")}
            yLabel={t("roc.y")}
            formatX={percent}
            formatY={percent}
            lines={[diagonal([0, 1])]}
            markers={onRoc}
          />
        </Figure>
      )}
      {precisionRecall && (
        <Figure
          title={t("precisionRecall.title")}
          summary={t("precisionRecall.summary", {
            average: format.number(precisionRecall.average_precision, 3),
            class: precisionRecall.class,
            share: format.percent(precisionRecall.share),
          })}
          table={{
            head: [t("precisionRecall.x"), t("precisionRecall.y")],
            rows: uniqueRows(
              zip(precisionRecall.recall, precisionRecall.precision).map((pair) => pair.map(exact)),
            ),
          }}
        >
          <CurveChart
            curves={[
              {
                label: precisionRecall.class,
                points: zip(precisionRecall.recall, precisionRecall.precision),
              },
            ]}
            xLabel={t("precisionRecall.x")}
            yLabel={t("precisionRecall.y")}
            formatX={percent}
            formatY={percent}
            lines={[
              { y: precisionRecall.share, stroke: "var(--mantine-color-dimmed)", strokeDasharray: "4 4" },
            ]}
            markers={onPrecisionRecall}
          />
        </Figure>
      )}
    </SimpleGrid>
  );
}
