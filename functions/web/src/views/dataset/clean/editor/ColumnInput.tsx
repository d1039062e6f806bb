import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepColumn } from "@/recipes/columns";
import { ColumnOption } from "./ColumnOption";

const LISTED = 100;

/** Choose one column. */
export function ColumnInput({
  label,
  description,
  columns,
  value,
  onChange,
  isOptional = false,
  placeholder,
}: {
  label: string;
  description?: string;
  columns: readonly StepColumn[];
  value: string | null;
  onChange: (name: string | null) => void;
  isOptional?: boolean;
  placeholder?: string;
}) {
  const { t } = useTranslation("clean");
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return (
    <Select
      label={label}
      description={description}
      data={[...new Set([...types.keys(), ...(value ? [value] : [])])]}
      value={value}
      onChange={onChange}
      searchable
      clearable={isOptional}
      allowDeselect={isOptional}
      limit={LISTED}
      placeholder={placeholder ?? t("form.chooseColumn")}
      nothingFoundMessage={t("form.noColumn")}
      clearButtonProps={{ "aria-label": t("form.clear") }}
      renderOption={({ option }) => <ColumnOption name={option.label} type={types.get(option.value)} />}
    />
  );
}
