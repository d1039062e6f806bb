import { Radio, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { eligible, hasOrder } from "@/recipes/columns";
import { ColumnInput } from "@/views/dataset/clean/editor/ColumnInput";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import { alike, chosenOf, sharedSuggestions } from "@/views/dataset/clean/editor/chosen";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { ValueInput } from "@/views/dataset/clean/editor/ValueInput";

const STRATEGIES = ["median", "mean", "mode", "constant"] as const;

export function ImputeFields({ step, onChange, state, profiles }: FieldsOf<"impute">) {
  const { t } = useTranslation("clean");
  const chosen = chosenOf(step.columns, state);
  const columns = eligible(step.step, state);
  const isConstant = step.strategy === "constant";
  const isOrdered = chosen.length > 0 && chosen.every(({ type }) => hasOrder(type));
  const become = (names: string[], strategy: (typeof STRATEGIES)[number]) => {
    const next = chosenOf(names, state);
    const fits = strategy === "mode" || strategy === "constant" || next.every(({ type }) => hasOrder(type));
    // The median is what a first look at numbers asks for; words have none.
    const isFirst = step.columns.length === 0 && strategy === "mode" && next[0]?.type === "numeric";
    const kept = isFirst ? "median" : fits ? strategy : "mode";
    const keepsBy = kept !== "constant" && step.by !== undefined && !names.includes(step.by);
    onChange({
      step: step.step,
      columns: names,
      strategy: kept,
      ...(keepsBy ? { by: step.by } : {}),
      ...(kept === "constant" && step.value !== undefined ? { value: step.value } : {}),
    });
  };
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={isConstant ? alike(columns, chosen) : columns}
        value={step.columns}
        onChange={(names) => become(names, step.strategy)}
      />
      <Radio.Group
        label={t("impute.with")}
        value={step.strategy}
        onChange={(strategy) => become(step.columns, strategy as (typeof STRATEGIES)[number])}
      >
        <Stack gap="xs" mt="xs">
          {STRATEGIES.map((strategy) => (
            <Radio
              key={strategy}
              value={strategy}
              label={t(`impute.${strategy}`)}
              disabled={(strategy === "median" || strategy === "mean") && !isOrdered}
            />
          ))}
        </Stack>
      </Radio.Group>
      {isConstant ? (
        <ValueInput
          label={t("form.value")}
          type={chosen[0]?.type ?? "categorical"}
          value={step.value}
          onChange={(value) =>
            onChange({
              step: step.step,
              columns: step.columns,
              strategy: step.strategy,
              ...(value === undefined ? {} : { value }),
            })
          }
          suggestions={sharedSuggestions(chosen, profiles)}
        />
      ) : (
        <ColumnInput
          label={t("impute.by")}
          description={t("impute.byHelp")}
          placeholder={t("impute.byNone")}
          columns={state.columns.filter(({ name }) => !step.columns.includes(name) && name !== state.target)}
          value={step.by ?? null}
          onChange={(by) =>
            onChange({
              step: step.step,
              columns: step.columns,
              strategy: step.strategy,
              ...(by === null ? {} : { by }),
            })
          }
          isOptional
        />
      )}
    </Stack>
  );
}
