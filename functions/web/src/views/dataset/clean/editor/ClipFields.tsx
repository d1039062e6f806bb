import { Button, NumberInput, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { eligible } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import { chosenOf } from "@/views/dataset/clean/editor/chosen";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { useDecimalSign } from "@/views/dataset/clean/editor/useDecimalSign";
import { fencesOf } from "@/views/dataset/clean/editor/values";

type Clip = Extract<Step, { step: "clip" }>;
type Way = "none" | "value" | "quantile";
const WAYS: readonly Way[] = ["none", "value", "quantile"];

export function ClipFields({ step, onChange, state, profiles }: FieldsOf<"clip">) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const [only, more] = chosenOf(step.columns, state);
  const fences = only && !more ? fencesOf(only, profiles) : null;
  // The inputs below hold a state of their own, which begins anew when the fences are taken.
  const [taken, setTaken] = useState(0);
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={eligible(step.step, state)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} key={taken}>
        <Bound end="lower" step={step} onChange={onChange} />
        <Bound end="upper" step={step} onChange={onChange} />
      </SimpleGrid>
      {fences && (
        <div>
          <Button
            variant="default"
            size="xs"
            onClick={() => {
              onChange({ step: "clip", columns: step.columns, lower: fences.low, upper: fences.high });
              setTaken(taken + 1);
            }}
          >
            {t("clip.fences", { low: format.number(fences.low), high: format.number(fences.high) })}
          </Button>
          <Text size="xs" c="dimmed" mt={4}>
            {t("clip.fencesHelp", { count: fences.count })}
          </Text>
        </div>
      )}
    </Stack>
  );
}

function Bound({
  end,
  step,
  onChange,
}: {
  end: "lower" | "upper";
  step: Clip;
  onChange: (step: Step) => void;
}) {
  const { t } = useTranslation("clean");
  const decimalSign = useDecimalSign();
  const quantile = `${end}_quantile` as const;
  const [way, setWay] = useState<Way>(
    step[end] !== undefined ? "value" : step[quantile] !== undefined ? "quantile" : "none",
  );
  const become = (bound: Partial<Clip>) => {
    const { [end]: _bound, [quantile]: _share, ...rest } = step;
    onChange({ ...rest, ...bound } as Clip);
  };
  const share = step[quantile];
  return (
    <Stack gap="xs">
      <Select
        label={t(`clip.${end}`)}
        data={WAYS.map((value) => ({ value, label: t(`clip.${value}`) }))}
        value={way}
        allowDeselect={false}
        onChange={(next) => {
          setWay(WAYS.find((entry) => entry === next) ?? "none");
          become(next === "quantile" ? { [quantile]: end === "lower" ? 0.01 : 0.99 } : {});
        }}
      />
      {way === "value" && (
        <NumberInput
          label={t(`clip.${end}Value`)}
          value={step[end] ?? ""}
          decimalSeparator={decimalSign}
          hideControls
          onChange={(value) => become(typeof value === "number" ? { [end]: value } : {})}
        />
      )}
      {way === "quantile" && (
        <NumberInput
          label={t(`clip.${end}Share`)}
          suffix=" %"
          min={0}
          max={100}
          decimalSeparator={decimalSign}
          value={share === undefined ? "" : Math.round(share * 1e6) / 1e4}
          onChange={(value) => become(typeof value === "number" ? { [quantile]: value / 100 } : {})}
        />
      )}
    </Stack>
  );
}
