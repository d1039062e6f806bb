import { TagsInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ColumnType } from "@/recipes/columns";
import type { Value } from "@/recipes/faults";
import { Counted } from "@/views/dataset/clean/editor/ValueInput";
import { parseValue, type Suggestion } from "@/views/dataset/clean/editor/values";

const MAX_VALUES = 1_000;

/** Several values of a column's type: typed, or picked from the most frequent ones. */
export function ValuesInput({
  label,
  description,
  type,
  value,
  onChange,
  suggestions,
}: {
  label: string;
  description?: string;
  type: ColumnType;
  value: readonly Value[];
  onChange: (values: Value[]) => void;
  suggestions: readonly Suggestion[];
}) {
  const { t } = useTranslation(["clean", "common"]);
  const [refused, setRefused] = useState<string | null>(null);
  const counts = new Map(suggestions.map((entry) => [String(entry.value), entry.count]));
  const take = (texts: string[]) => {
    const values = texts.map((text) => parseValue(text, type));
    const bad = texts.find((_, index) => values[index] === null);
    setRefused(bad ?? null);
    onChange([...new Set(values.filter((entry): entry is Value => entry !== null))]);
  };
  return (
    <TagsInput
      label={label}
      description={description ?? t("form.valuesHelp")}
      data={[...counts.keys()]}
      value={value.map(String)}
      onChange={take}
      maxTags={MAX_VALUES}
      splitChars={type === "numeric" ? [";"] : []}
      acceptValueOnBlur
      clearable
      clearButtonProps={{ "aria-label": t("form.clear") }}
      error={refused === null ? null : t("form.badValue", { value: refused, type: t(`common:type.${type}`) })}
      renderOption={({ option }) => <Counted text={option.value} count={counts.get(option.value)} />}
    />
  );
}
