import { NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { CurveChart, diagonal, type Marker } from "../report/CurveChart";
import type { PrecisionRecallCurve, Report, RocCurve } from "../report/report";
import { Section } from "../report/Section";
import { uniqueRows, zip } from "../report/series";
import { Calibration } from "./Calibration";
import { Thresholds } from "./Thresholds";
import { operatingPoints } from "./thresholds";

/** How well the probabilities tell classes apart: with a threshold of two classes, by class of several. */
export function Curves({ report }: { report: Report }) {
  const { t } = useTranslation("judge");
  const [params, setParams] = useSearchParams();
  const { roc, precision_recall, calibration } = report.curves;
  const points = operatingPoints(report);
  const known = roc.map((curve) => curve.class);
  const chosen = known.find((name) => name === params.get("class")) ?? known[0];
  if (chosen === undefined) {
    return (
      <Section id="curves" title={t("sections.curves")}>
        <Text size="sm">{t("curves.none")}</Text>
      </Section>
    );
  }
  const curves = {
    roc: roc.find((curve) => curve.class === chosen),
    precisionRecall: precision_recall.find((curve) => curve.class === chosen),
  };
  const calibrated = calibration.find((curve) => curve.class === chosen);
  return (
    <>
      {points.length > 0 ? (
        <Thresholds key={report.createdAt} points={points} positive={chosen} curves={curves} />
      ) : (
        <Section id="curves" title={t("sections.curves")} intro={t("curves.intro", { count: known.length })}>
          {known.length > 1 && (
            <NativeSelect
              label={t("class")}
              maw={320}
              value={chosen}
              data={known}
              onChange={({ currentTarget: { value } }) =>
                setParams(
                  (before) => {
                    before.set("class", value);
                    return before;
                  },
                  { replace: true, preventScrollReset: true },
                )
              }
            />
          )}
          <CurvePair {...curves} />
        </Section>
      )}
      {calibrated && <Calibration curve={calibrated} />}
    </>
  );
}

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
