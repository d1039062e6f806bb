import { Autocomplete, Group, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ColumnType } from "@/recipes/columns";
import type { Value } from "@/recipes/faults";
import { useDecimalSign } from "@/views/dataset/clean/editor/useDecimalSign";
import type { Suggestion } from "@/views/dataset/clean/editor/values";

/** One value of a column's type, with the control that fits it. */
export function ValueInput({
  label,
  hideLabel = false,
  type,
  value,
  onChange,
  suggestions = [],
}: {
  label: string;
  /** Where a heading over several of them says it to those who see. */
  hideLabel?: boolean;
  type: ColumnType;
  value: Value | undefined;
  onChange: (value: Value | undefined) => void;
  suggestions?: readonly Suggestion[];
}) {
  const { t } = useTranslation("clean");
  const decimalSign = useDecimalSign();
  const named = hideLabel ? { "aria-label": label } : { label };
  switch (type) {
    case "numeric":
      return (
        <NumberInput
          {...named}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
          decimalSeparator={decimalSign}
          hideControls
        />
      );
    case "boolean":
      return (
        <Select
          {...named}
          data={[
            { value: "true", label: t("value.true") },
            { value: "false", label: t("value.false") },
          ]}
          value={value === undefined ? null : String(value)}
          onChange={(next) => onChange(next === null ? undefined : next === "true")}
        />
      );
    case "date": {
      const text = typeof value === "string" ? value : "";
      return (
        <TextInput
          {...named}
          type={text.includes("T") ? "datetime-local" : "date"}
          step={1}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || undefined)}
        />
      );
    }
    default: {
      const counts = new Map(suggestions.map((entry) => [String(entry.value), entry.count]));
      return (
        <Autocomplete
          {...named}
          data={[...counts.keys()]}
          value={value === undefined ? "" : String(value)}
          onChange={(next) => onChange(next === "" ? undefined : next)}
          renderOption={({ option }) => <Counted text={option.value} count={counts.get(option.value)} />}
        />
      );
    }
  }
}

/** A value of the data, and how many rows hold it. */
export function Counted({ text, count }: { text: string; count: number | undefined }) {
  const { t } = useTranslation("clean");
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" w="100%">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {text}
      </Text>
      {count !== undefined && (
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {t("form.rowsWith", { count })}
        </Text>
      )}
    </Group>
  );
}
