import { Anchor, MultiSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepColumn } from "@/recipes/columns";
import { ColumnOption } from "./ColumnOption";

const LISTED = 100;
// So many at once are a list that nobody reads, and slow to draw.
const MAX_ALL = 200;

/** Choose columns among those that the step may be about; each is listed with its type. */
export function ColumnsInput({
  label,
  description,
  columns,
  value,
  onChange,
  isOptional = false,
}: {
  label: string;
  description?: string;
  columns: readonly StepColumn[];
  value: readonly string[];
  onChange: (names: string[]) => void;
  isOptional?: boolean;
}) {
  const { t } = useTranslation("clean");
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const canChooseAll = columns.length > 1 && columns.length <= MAX_ALL && value.length < columns.length;
  return (
    <div>
      <MultiSelect
        label={label}
        description={description}
        required={!isOptional}
        withAsterisk={false}
        data={[...new Set([...columns.map(({ name }) => name), ...value])]}
        value={[...value]}
        onChange={onChange}
        searchable
        clearable
        hidePickedOptions
        limit={LISTED}
        placeholder={value.length === 0 ? t("form.chooseColumns") : ""}
        nothingFoundMessage={t("form.noColumn")}
        clearButtonProps={{ "aria-label": t("form.clear") }}
        comboboxProps={{ withinPortal: true }}
        styles={{ pill: { maxWidth: "100%" } }}
        renderOption={({ option }) => <ColumnOption name={option.label} type={types.get(option.value)} />}
      />
      {canChooseAll && (
        <Anchor component="button" type="button" size="xs" mt={4} onClick={() => onChange([...types.keys()])}>
          {t("form.chooseAll", { count: columns.length })}
        </Anchor>
      )}
    </div>
  );
}
