import { Group, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ColumnType, hasOrder } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";
import type { Value } from "@/recipes/faults";
import { ColumnInput } from "@/views/dataset/clean/editor/ColumnInput";
import { chosenOf, sharedSuggestions } from "@/views/dataset/clean/editor/chosen";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { ValueInput } from "@/views/dataset/clean/editor/ValueInput";
import { ValuesInput } from "@/views/dataset/clean/editor/ValuesInput";

type Operator = Extract<Step, { step: "filter_rows" }>["operator"];
const ANY: readonly Operator[] = ["eq", "ne", "in", "not_in"];
const ORDERED: readonly Operator[] = ["ge", "gt", "le", "lt", "between"];
const LACKING: readonly Operator[] = ["present", "missing"];

function operatorsOf(type: ColumnType): readonly Operator[] {
  if (type === "boolean") return ["eq", ...LACKING];
  return hasOrder(type) ? [...ORDERED, ...ANY, ...LACKING] : [...ANY, ...LACKING];
}

export function FilterFields({ step, onChange, state, profiles }: FieldsOf<"filter_rows">) {
  const { t } = useTranslation("clean");
  const [column] = chosenOf([step.column], state);
  const type = column?.type ?? "categorical";
  const operators = operatorsOf(type);
  const suggestions = column ? sharedSuggestions([column], profiles) : [];
  const become = (operator: Operator, values: readonly Value[] = []) => {
    const [value] = values;
    const isSeveral = operator === "in" || operator === "not_in" || operator === "between";
    onChange({
      step: step.step,
      column: step.column,
      operator,
      ...(isSeveral && values.length > 0 ? { values: [...values] } : {}),
      ...(!isSeveral && !LACKING.includes(operator) && value !== undefined ? { value } : {}),
    });
  };
  const choose = (name: string) => {
    const next = chosenOf([name], state)[0]?.type ?? "categorical";
    const isKept = next === type && step.column !== "";
    const operator = isKept ? step.operator : (operatorsOf(next)[0] ?? "eq");
    onChange({ ...(isKept ? step : { step: step.step }), column: name, operator });
  };
  const given = step.values ?? (step.value === undefined ? [] : [step.value]);
  return (
    <Stack>
      <ColumnInput
        label={t("form.column")}
        columns={state.columns}
        value={step.column === "" ? null : step.column}
        onChange={(name) => name !== null && choose(name)}
      />
      <Select
        label={t("filter.keep")}
        data={operators.map((operator) => ({ value: operator, label: t(`filter.${operator}`) }))}
        value={step.operator}
        allowDeselect={false}
        disabled={step.column === ""}
        onChange={(operator) => become(operators.find((entry) => entry === operator) ?? "eq", given)}
      />
      {step.column !== "" && (step.operator === "in" || step.operator === "not_in") && (
        <ValuesInput
          label={t("form.values")}
          type={type}
          value={given}
          onChange={(values) => become(step.operator, values)}
          suggestions={suggestions}
        />
      )}
      {step.column !== "" && step.operator === "between" && (
        <Between key={type} type={type} value={given} onChange={(values) => become("between", values)} />
      )}
      {step.column !== "" &&
        (ORDERED.includes(step.operator) || ANY.slice(0, 2).includes(step.operator)) &&
        step.operator !== "between" && (
          <ValueInput
            label={t("form.value")}
            type={type}
            value={step.value}
            onChange={(value) => become(step.operator, value === undefined ? [] : [value])}
            suggestions={suggestions}
          />
        )}
    </Stack>
  );
}

/** Both ends of a range; a step holds it only when both are known. */
function Between({
  type,
  value,
  onChange,
}: {
  type: ColumnType;
  value: readonly Value[];
  onChange: (values: Value[]) => void;
}) {
  const { t } = useTranslation("clean");
  const [ends, setEnds] = useState<[Value | undefined, Value | undefined]>([value[0], value[1]]);
  const become = (next: typeof ends) => {
    setEnds(next);
    const [low, high] = next;
    onChange(low === undefined || high === undefined ? [] : [low, high]);
  };
  return (
    <Group grow align="flex-start">
      <ValueInput
        label={t("filter.from")}
        type={type}
        value={ends[0]}
        onChange={(low) => become([low, ends[1]])}
      />
      <ValueInput
        label={t("filter.to")}
        type={type}
        value={ends[1]}
        onChange={(high) => become([ends[0], high])}
      />
    </Group>
  );
}
