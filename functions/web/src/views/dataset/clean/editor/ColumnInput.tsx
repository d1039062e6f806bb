import { Group, Select, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepColumn } from "@/recipes/columns";

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
  const { t } = useTranslation(["clean", "common"]);
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
      renderOption={({ option }) => {
        const type = types.get(option.value);
        return (
          <Group justify="space-between" wrap="nowrap" gap="xs" w="100%">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {option.label}
            </Text>
            {type && (
              <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
                {t(`common:type.${type}`)}
              </Text>
            )}
          </Group>
        );
      }}
    />
  );
}
