import { Anchor, Group, MultiSelect, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { StepColumn } from "@/recipes/columns";

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
  const { t } = useTranslation(["clean", "common"]);
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
      {canChooseAll && (
        <Anchor component="button" type="button" size="xs" mt={4} onClick={() => onChange([...types.keys()])}>
          {t("form.chooseAll", { count: columns.length })}
        </Anchor>
      )}
    </div>
  );
}
