import { Button, Group, NumberInput, Slider, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import type { PrecisionRecallCurve, RocCurve } from "../report/report";
import { Section } from "../report/Section";
import { CurvePair } from "./CurvePair";
import { ThresholdNumbers } from "./ThresholdNumbers";
import {
  type Costs,
  cheapest,
  EVEN_COSTS,
  nearest,
  type OperatingPoint,
  ratesOf,
  readNumber,
  writeThreshold,
} from "./thresholds";

const DEAREST = 1e9;

/** From which probability on the positive class is answered, and what that brings and costs. */
export function Thresholds({
  points,
  positive,
  curves,
}: {
  points: readonly OperatingPoint[];
  positive: string;
  curves: { roc: RocCurve | undefined; precisionRecall: PrecisionRecallCurve | undefined };
}) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  // The address follows what is chosen here, and late: keys that are pressed fast must not wait for it.
  const [{ index, costs }, setChosen] = useState<{ index: number; costs: Costs }>(() => ({
    index: nearest(points, readNumber(params.get("threshold"), 0, 1)),
    costs: {
      falsePositive: readNumber(params.get("fp"), 0, DEAREST) ?? EVEN_COSTS.falsePositive,
      falseNegative: readNumber(params.get("fn"), 0, DEAREST) ?? EVEN_COSTS.falseNegative,
    },
  }));
  const slider = useRef<HTMLDivElement>(null);
  const own = points.findIndex((point) => point.own);
  const best = cheapest(points, costs);
  const point = points[index];
  const valueText = format.percent(point?.threshold ?? 0, 1);

  useEffect(() => {
    // Mantine's thumb tells its number only, and takes no text for it.
    slider.current?.querySelector('[role="slider"]')?.setAttribute("aria-valuetext", valueText);
  }, [valueText]);

  if (!point) {
    return null;
  }
  const keep = (nextIndex: number, nextCosts: Costs) => {
    setChosen({ index: nextIndex, costs: nextCosts });
    setParams(
      (before) => {
        enter(before, "threshold", nextIndex === own ? null : writeThreshold(points, nextIndex));
        enter(before, "fp", nextCosts.falsePositive === 1 ? null : String(nextCosts.falsePositive));
        enter(before, "fn", nextCosts.falseNegative === 1 ? null : String(nextCosts.falseNegative));
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  const choose = (place: number) => keep(place, costs);
  const said = (place: number) => format.percent(points[place]?.threshold ?? 0, 1);
  const markers = (pairOf: (of: OperatingPoint) => [number, number | null]) =>
    [
      ...(own >= 0 ? [{ of: points[own], color: "gray", radius: 5 }] : []),
      { of: point, color: "red", radius: 8 },
    ].flatMap(({ of, ...look }) => {
      const [x, y] = of ? pairOf(of) : [0, null];
      return y === null ? [] : [{ x, y, ...look }];
    });
  return (
    <Section id="curves" title={t("sections.threshold")} intro={t("threshold.intro", { class: positive })}>
      <Stack gap="xs">
        <Text fw={600} size="sm">
          {t("threshold.label", { class: positive, threshold: said(index) })}
        </Text>
        <Slider
          ref={slider}
          min={0}
          max={points.length - 1}
          step={1}
          value={index}
          onChange={(place) => setChosen({ index: place, costs })}
          onChangeEnd={choose}
          label={said(index)}
          marks={[...new Set([own, best])].filter((place) => place >= 0).map((value) => ({ value }))}
          thumbLabel={t("threshold.slider", { class: positive })}
          mx="xs"
        />
        <Group gap="xs">
          {own >= 0 && (
            <Button size="compact-sm" variant="default" disabled={index === own} onClick={() => choose(own)}>
              {t("threshold.own", { threshold: said(own) })}
            </Button>
          )}
          <Button size="compact-sm" variant="default" disabled={index === best} onClick={() => choose(best)}>
            {t("threshold.cheapest", { threshold: said(best) })}
          </Button>
        </Group>
      </Stack>
      <Group align="flex-end">
        <CostInput
          label={t("threshold.costFalsePositive")}
          description={t("threshold.falsePositiveMeans", { class: positive })}
          value={costs.falsePositive}
          onChange={(falsePositive) => keep(index, { ...costs, falsePositive })}
        />
        <CostInput
          label={t("threshold.costFalseNegative")}
          description={t("threshold.falseNegativeMeans", { class: positive })}
          value={costs.falseNegative}
          onChange={(falseNegative) => keep(index, { ...costs, falseNegative })}
        />
      </Group>
      <ThresholdNumbers
        point={point}
        positive={positive}
        costs={costs}
        own={points[own] ?? null}
        best={points[best] ?? point}
      />
      <CurvePair
        {...curves}
        onRoc={markers((of) => [ratesOf(of).falsePositiveRate, ratesOf(of).recall])}
        onPrecisionRecall={markers((of) => [ratesOf(of).recall, ratesOf(of).precision])}
      />
      <Text size="xs" c="dimmed">
        {t("threshold.markers")}
      </Text>
    </Section>
  );
}

function CostInput({
  label,
  description,
  value,
  onChange,
}: {
  label: string;
  description: string;
  value: number;
  onChange: (value: number) => void;
}) {
  return (
    <NumberInput
      label={label}
      description={description}
      value={value}
      // A field that is left says its number as a text.
      onChange={(next) => onChange(Number(next) || 0)}
      min={0}
      max={DEAREST}
      clampBehavior="strict"
      flex="1 1 14rem"
      maw={340}
    />
  );
}

function enter(params: URLSearchParams, name: string, value: string | null): void {
  if (value === null) params.delete(name);
  else params.set(name, value);
}
