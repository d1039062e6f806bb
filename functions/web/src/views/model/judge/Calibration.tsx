import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { CurveChart, diagonal } from "../report/CurveChart";
import type { CalibrationCurve } from "../report/report";
import { Section } from "../report/Section";
import { zip } from "../report/series";

/** Whether a probability of 80 % comes true 8 times of 10. */
export function Calibration({ curve }: { curve: CalibrationCurve }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const percent = (value: number) => format.percent(value, 0);
  const counts = curve.count;
  return (
    <Section
      id="calibration"
      title={t("sections.calibration")}
      intro={t("calibration.said", { error: format.percent(curve.expected_error), class: curve.class })}
    >
      <Figure
        title={t("calibration.title", { class: curve.class })}
        summary={t("calibration.summary", {
          fewest: format.integer(Math.min(...counts)),
          most: format.integer(Math.max(...counts)),
        })}
        table={{
          head: [t("calibration.group"), t("calibration.x"), t("calibration.y"), t("rows")],
          rows: curve.predicted.map((predicted, place) => [
            place + 1,
            format.percent(predicted),
            format.percent(curve.observed[place] ?? 0),
            format.integer(counts[place] ?? 0),
          ]),
        }}
      >
        <CurveChart
          curves={[{ label: t("calibration.y"), points: zip(curve.predicted, curve.observed) }]}
          xLabel={t("calibration.x")}
          yLabel={t("calibration.y")}
          formatX={percent}
          formatY={percent}
          lines={[diagonal([0, 1])]}
          withDots
        />
      </Figure>
    </Section>
  );
}
