import { NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { type Curve, CurveChart, diagonal } from "../report/CurveChart";
import { Section } from "../report/Section";
import { zip } from "../report/series";
import type { Compared } from "./compare";
import { errorCurve } from "./errorCurve";

/** Curves of all versions in one drawing. */
export function CompareCurves({ compared }: { compared: readonly Compared[] }) {
  const isClasses = compared[0]?.report.task === "classification";
  return isClasses ? <OfClasses compared={compared} /> : <OfNumbers compared={compared} />;
}

function OfClasses({ compared }: { compared: readonly Compared[] }) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const known = [...new Set(compared.flatMap(({ report }) => report.curves.roc.map((curve) => curve.class)))];
  const chosen = known.find((name) => name === params.get("class")) ?? known[0];
  const nameOf = (version: number) => t("common:version", { number: version });
  const percent = (value: number) => format.percent(value, 0);
  const areas: (string | number)[][] = [];
  const roc: Curve[] = [];
  const precisionRecall: Curve[] = [];
  compared.forEach(({ version, report }, style) => {
    const one = report.curves.roc.find((curve) => curve.class === chosen);
    const other = report.curves.precision_recall.find((curve) => curve.class === chosen);
    if (one && other) {
      const label = nameOf(version);
      areas.push([label, format.number(one.area), format.number(other.average_precision)]);
      roc.push({ label, style, points: zip(one.false_positive_rate, one.true_positive_rate) });
      precisionRecall.push({ label, style, points: zip(other.recall, other.precision) });
    }
  });
  if (roc.length === 0) {
    return (
      <Section id="curves" title={t("sections.curves")}>
        <Text size="sm">{t("curves.none")}</Text>
      </Section>
    );
  }
  const table = {
    head: [t("compare.aspects.model"), t("roc.area"), t("precisionRecall.average")],
    rows: areas,
  };
  return (
    <Section id="curves" title={t("sections.curves")} intro={t("compare.curvesIntro", { class: chosen })}>
      {known.length > 1 && (
        <NativeSelect
          label={t("class")}
          maw={320}
          data={known}
          value={chosen ?? ""}
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
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Figure title={t("roc.title")} summary={t("compare.rocSummary")} table={table}>
          <CurveChart
            curves={roc}
            xLabel={t("roc.x")}
            yLabel={t("roc.y")}
            formatX={percent}
            formatY={percent}
            lines={[diagonal([0, 1])]}
          />
        </Figure>
        <Figure
          title={t("precisionRecall.title")}
          summary={t("compare.precisionRecallSummary")}
          table={table}
        >
          <CurveChart
            curves={precisionRecall}
            xLabel={t("precisionRecall.x")}
            yLabel={t("precisionRecall.y")}
            formatX={percent}
            formatY={percent}
          />
        </Figure>
      </SimpleGrid>
    </Section>
  );
}

function OfNumbers({ compared }: { compared: readonly Compared[] }) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const curves = compared.flatMap(({ version, report }, style) => {
    const pairs = report.curves.predicted_actual;
    if (!pairs) return [];
    const { points, median } = errorCurve(pairs.actual, pairs.predicted);
    return [{ label: t("common:version", { number: version }), style, points, median, report }];
  });
  const widest = Math.max(1e-12, ...curves.flatMap(({ points }) => points.map(([x]) => x)));
  const quantiles = ["0.05", "0.5", "0.95"];
  return (
    <Section id="curves" title={t("compare.errors")} intro={t("compare.errorsIntro")}>
      <Figure
        title={t("compare.errorCurve")}
        summary={t("compare.errorCurveSummary")}
        table={{
          head: [
            t("compare.aspects.model"),
            t("compare.medianError"),
            ...quantiles.map((share) => t("compare.quantile", { share: format.percent(Number(share), 0) })),
          ],
          rows: curves.map(({ label, median, report }) => [
            label,
            format.number(median),
            ...quantiles.map((share) =>
              format.number(report.curves.residual_quantiles?.[share] ?? Number.NaN),
            ),
          ]),
        }}
      >
        <CurveChart
          curves={curves}
          xLabel={t("compare.errorAtMost")}
          yLabel={t("compare.shareOfRows")}
          formatX={format.compact}
          formatY={(value) => format.percent(value, 0)}
          xDomain={[0, widest]}
        />
      </Figure>
    </Section>
  );
}
