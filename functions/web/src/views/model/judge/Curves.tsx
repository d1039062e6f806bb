import { NativeSelect, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Report } from "../report/report";
import { Section } from "../report/Section";
import { Calibration } from "./Calibration";
import { CurvePair } from "./CurvePair";
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
