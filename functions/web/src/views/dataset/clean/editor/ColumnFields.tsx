import { Autocomplete, Group, Select, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CONVERSIONS, type ColumnType, eligible, isWords } from "@/recipes/columns";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import { chosenOf } from "@/views/dataset/clean/editor/chosen";
import { DATE_FORMATS, exampleOf } from "@/views/dataset/clean/editor/dateFormats";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";

const TYPES: readonly ColumnType[] = ["numeric", "categorical", "text", "boolean", "date"];
const CASES = ["keep", "lower", "upper", "title"] as const;
const DECIMALS = [".", ","] as const;
const THOUSANDS = ["", ",", ".", " ", "'"] as const;
const THOUSANDS_KEYS = { "": "none", ",": "comma", ".": "point", " ": "blank", "'": "apostrophe" } as const;

export function ChangeTypeFields({ step, onChange, state }: FieldsOf<"change_type">) {
  const { t } = useTranslation(["clean", "common"]);
  const chosen = chosenOf(step.columns, state);
  const readsTexts = step.type === "numeric" && chosen.some(({ type }) => isWords(type));
  const canBecome = (to: ColumnType) =>
    chosen.every(({ type }) => type === to || CONVERSIONS[type].includes(to));
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={eligible(step.step, state)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <Select
        label={t("changeType.to")}
        data={TYPES.map((type) => ({
          value: type,
          label: t(`common:type.${type}`),
          disabled: !canBecome(type),
        }))}
        value={step.type}
        allowDeselect={false}
        onChange={(type) =>
          type !== null && onChange({ step: step.step, columns: step.columns, type: type as ColumnType })
        }
      />
      {readsTexts && (
        <Group grow align="flex-start">
          <Select
            label={t("changeType.decimal")}
            data={DECIMALS.map((sign) => ({ value: sign, label: t(`sign.${THOUSANDS_KEYS[sign]}`) }))}
            value={step.decimal ?? "."}
            allowDeselect={false}
            onChange={(sign) => sign !== null && onChange({ ...step, decimal: sign as "." | "," })}
          />
          <Select
            label={t("changeType.thousands")}
            data={THOUSANDS.map((sign) => ({
              value: THOUSANDS_KEYS[sign],
              label: t(`sign.${THOUSANDS_KEYS[sign]}`),
              disabled: sign === (step.decimal ?? "."),
            }))}
            value={THOUSANDS_KEYS[step.thousands ?? ""]}
            allowDeselect={false}
            onChange={(key) => {
              const sign = THOUSANDS.find((entry) => THOUSANDS_KEYS[entry] === key);
              if (sign !== undefined) onChange({ ...step, thousands: sign });
            }}
          />
        </Group>
      )}
      <Text size="xs" c="dimmed">
        {t("changeType.unreadable")}
      </Text>
    </Stack>
  );
}

export function ParseDatesFields({ step, onChange, state }: FieldsOf<"parse_dates">) {
  const { t } = useTranslation("clean");
  const format = step.format ?? "ISO8601";
  const example = exampleOf(format);
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={eligible(step.step, state)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <Autocomplete
        label={t("dates.format")}
        description={t("dates.help")}
        data={[...DATE_FORMATS]}
        // All forms are offered, not only those that begin like the one that is there.
        filter={({ options }) => options}
        value={format}
        onChange={(next) => onChange({ step: step.step, columns: step.columns, format: next })}
        renderOption={({ option }) => (
          <Group justify="space-between" w="100%">
            <Text size="sm">{option.value}</Text>
            <Text size="xs" c="dimmed">
              {exampleOf(option.value)}
            </Text>
          </Group>
        )}
      />
      <Text size="sm" role="status">
        {example === null ? t("dates.unreadable") : t("dates.example", { example })}
      </Text>
    </Stack>
  );
}

export function TrimFields({ step, onChange, state }: FieldsOf<"trim">) {
  const { t } = useTranslation("clean");
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={eligible(step.step, state)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <Select
        label={t("trim.case")}
        data={CASES.map((value) => ({ value, label: t(`trim.${value}`) }))}
        value={step.case ?? "keep"}
        allowDeselect={false}
        onChange={(value) => {
          const found = CASES.find((entry) => entry === value) ?? "keep";
          onChange({
            step: step.step,
            columns: step.columns,
            ...(found === "keep" ? {} : { case: found }),
          });
        }}
      />
    </Stack>
  );
}
