import { Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import type { Field, Value } from "@/views/model/try/fields";
import { type Reasons, type Step, stepsOf } from "@/views/model/try/reasons";
import classes from "@/views/model/try/Try.module.css";
import { useSigned } from "@/views/model/try/words";

const MOST_STEPS = 8;

/** Why this answer: the way from a typical answer to this one, feature by feature. */
export function ReasonsFigure({ reasons, fields }: { reasons: Reasons; fields: readonly Field[] }) {
  const { t } = useTranslation("try");
  const format = useFormat();
  const [showsAll, setShowsAll] = useState(false);
  const isShare = reasons.class !== null && reasons.class !== undefined;
  const signed = useSigned(isShare);
  const whole = (value: number) => (isShare ? format.percent(value) : format.number(value));
  const { steps, others, answer, low, high } = stepsOf(reasons, showsAll ? null : MOST_STEPS);
  const place = (value: number) => (high > low ? (100 * (value - low)) / (high - low) : 50);
  const valueText = useValueText(fields);
  const nameOf = (step: Step) => step.contribution?.feature ?? t("reasons.others", { count: others });
  const first = steps[0];
  const said = {
    base: whole(reasons.base),
    answer: whole(answer),
    name: first ? nameOf(first) : "",
    amount: first ? signed(first.amount) : "",
  };
  return (
    <div>
      <Figure
        title={t("reasons.title")}
        summary={
          isShare
            ? t("reasons.summaryClass", { ...said, class: reasons.class })
            : t("reasons.summaryNumber", said)
        }
        table={{
          head: [t("reasons.feature"), t("reasons.value"), t("reasons.contribution")],
          rows: reasons.contributions.map((part) => [
            part.feature,
            valueText(part.feature, part.value),
            signed(part.contribution),
          ]),
        }}
      >
        <div className={classes.steps}>
          <Whole name={t("reasons.base")} amount={whole(reasons.base)} at={place(reasons.base)} />
          {steps.map((step) => (
            <div key={step.contribution?.feature ?? ""} className={classes.step}>
              <span className={classes.stepName}>
                <span className={classes.name} style={{ display: "block" }} title={nameOf(step)}>
                  {nameOf(step)}
                </span>
                {step.contribution && (
                  <span className={`${classes.name} ${classes.stepValue}`} style={{ display: "block" }}>
                    {valueText(step.contribution.feature, step.contribution.value)}
                  </span>
                )}
              </span>
              <div className={classes.track}>
                <div
                  className={step.amount < 0 ? classes.down : classes.up}
                  style={{
                    insetInlineStart: `${place(Math.min(step.from, step.to))}%`,
                    inlineSize: `${Math.abs(place(step.to) - place(step.from))}%`,
                  }}
                />
              </div>
              <span className={classes.amount}>{signed(step.amount)}</span>
            </div>
          ))}
          <Whole name={t("reasons.answer")} amount={whole(answer)} at={place(answer)} />
        </div>
      </Figure>
      {(others > 0 || showsAll) && (
        <Button variant="subtle" size="compact-xs" mt={4} onClick={() => setShowsAll(!showsAll)}>
          {showsAll ? t("reasons.fewer") : t("reasons.all", { count: reasons.contributions.length })}
        </Button>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        {t("reasons.legend")}
      </Text>
    </div>
  );
}

function Whole({ name, amount, at }: { name: string; amount: string; at: number }) {
  return (
    <div className={classes.step}>
      <strong>{name}</strong>
      <div className={classes.track}>
        <div className={classes.whole} style={{ insetInlineStart: `${Math.min(at, 99)}%` }} />
      </div>
      <strong className={classes.amount}>{amount}</strong>
    </div>
  );
}

/** A value as the model read it, as the page's language writes it. */
function useValueText(fields: readonly Field[]): (name: string, value: Value) => string {
  const { t } = useTranslation("try");
  const format = useFormat();
  const kinds = new Map(fields.map((field) => [field.name, field.kind]));
  return (name, value) => {
    if (value === null) return t("field.missing");
    if (typeof value === "boolean") return value ? t("field.yes") : t("field.no");
    if (typeof value === "number") return format.datum(value);
    return kinds.get(name) === "date" ? format.date(`${value.slice(0, 10)}T00:00`) : value;
  };
}
