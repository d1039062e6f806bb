import { Checkbox, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { eligible, isWords } from "@/recipes/columns";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import { alike, chosenOf, sharedSuggestions } from "@/views/dataset/clean/editor/chosen";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { ValuesInput } from "@/views/dataset/clean/editor/ValuesInput";

export function MarkMissingFields({ step, onChange, state, profiles }: FieldsOf<"mark_missing">) {
  const { t } = useTranslation("clean");
  const chosen = chosenOf(step.columns, state);
  const type = chosen[0]?.type ?? "categorical";
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={alike(eligible(step.step, state), chosen)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <ValuesInput
        label={t("markMissing.values")}
        type={type}
        value={step.values}
        onChange={(values) => onChange({ ...step, values })}
        suggestions={sharedSuggestions(chosen, profiles)}
      />
      {isWords(type) && (
        <Checkbox
          label={t("form.ignoreCase")}
          checked={step.ignore_case ?? false}
          onChange={(event) =>
            onChange({
              step: step.step,
              columns: step.columns,
              values: step.values,
              ...(event.currentTarget.checked ? { ignore_case: true } : {}),
            })
          }
        />
      )}
    </Stack>
  );
}
