import { Autocomplete, Button, Group, Input, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconChevronDown } from "@tabler/icons-react";
import { memo, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { type Field, isObject } from "@/views/model/try/fields";
import classes from "@/views/model/try/Try.module.css";
import { useRangeText } from "@/views/model/try/words";

const MOST_OPTIONS = 200;
const MOST_NAMED = 4;

/** A feature's control: what is asked for, what training saw, and what is wrong or unusual about the value. */
export const FieldInput = memo(function FieldInput({
  field,
  value,
  fault,
  warning,
  onChange,
}: {
  field: Field;
  value: string;
  fault: string | null;
  warning: string | null;
  onChange: (name: string, value: string) => void;
}) {
  const { t } = useTranslation("try");
  const id = useId();
  const hint = useHint(field);
  const isMissing = field.mayBeMissing && value.trim() === "";
  const set = (next: string) => onChange(field.name, next);
  const description = (
    <>
      {hint}
      {warning !== null && fault === null && (
        <span className={classes.warning}>
          <IconAlertTriangle size={14} aria-hidden />
          {warning}
        </span>
      )}
    </>
  );
  const shared = {
    id,
    description,
    error: fault === null ? null : <FaultText text={fault} />,
    placeholder: isMissing ? t("field.missing") : t("field.fillIn"),
    withAsterisk: false,
    inputWrapperOrder: ["label", "input", "error", "description"] as (
      | "label"
      | "input"
      | "error"
      | "description"
    )[],
    "aria-required": !field.mayBeMissing,
    "data-field": field.name,
  };
  const label = (
    <span className={classes.label}>
      {field.name}
      {field.unit !== null && <span className={classes.unit}> {t("field.unit", { unit: field.unit })}</span>}
    </span>
  );
  if (field.kind === "boolean") {
    return (
      <Input.Wrapper
        label={label}
        labelElement="div"
        labelProps={{ id: `${id}-label` }}
        description={description}
        error={shared.error}
        inputWrapperOrder={shared.inputWrapperOrder}
      >
        <SegmentedControl
          fullWidth
          mt={4}
          aria-labelledby={`${id}-label`}
          data-field={field.name}
          value={value}
          onChange={set}
          data={[
            { value: "true", label: t("field.yes") },
            { value: "false", label: t("field.no") },
            ...(field.mayBeMissing ? [{ value: "", label: t("field.missing") }] : []),
          ]}
        />
      </Input.Wrapper>
    );
  }
  return (
    <div className={classes.field}>
      {field.mayBeMissing && <Missing field={field} isMissing={isMissing} onChange={set} />}
      {control()}
    </div>
  );

  function control(): ReactNode {
    switch (field.kind) {
      case "number":
        return (
          <TextInput
            {...shared}
            label={label}
            inputMode="decimal"
            autoComplete="off"
            value={value}
            onChange={onInput}
          />
        );
      case "date":
      case "moment":
        return (
          <TextInput
            {...shared}
            label={label}
            type={field.kind === "date" ? "date" : "datetime-local"}
            step={field.kind === "date" ? undefined : "any"}
            value={value}
            onChange={onInput}
          />
        );
      case "text":
        return (
          <Textarea
            {...shared}
            label={label}
            autosize
            minRows={2}
            maxRows={6}
            value={value}
            onChange={onInput}
          />
        );
      default:
        return (
          <Autocomplete
            {...shared}
            label={label}
            autoComplete="off"
            limit={MOST_OPTIONS}
            rightSection={<IconChevronDown size={16} aria-hidden />}
            rightSectionPointerEvents="none"
            maxDropdownHeight={240}
            data={[...new Set(field.known ?? [])].filter((known) => known !== "")}
            // With a known value chosen all others are offered, not those that are like it.
            filter={({ options, search, limit }) => {
              const isChosen = field.known?.includes(search) ?? false;
              const wanted = search.trim().toLowerCase();
              return (
                isChosen ? options : options.filter((option) => labelOf(option).includes(wanted))
              ).slice(0, limit);
            }}
            value={value}
            onChange={set}
          />
        );
    }
  }

  function onInput(event: { currentTarget: { value: string } }) {
    set(event.currentTarget.value);
  }
});

/** That nothing is known of this row's feature, said explicitly. */
function Missing({
  field,
  isMissing,
  onChange,
}: {
  field: Field;
  isMissing: boolean;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation("try");
  return (
    <Button
      size="compact-xs"
      variant={isMissing ? "filled" : "default"}
      className={classes.missing ?? ""}
      aria-pressed={isMissing}
      aria-label={t("field.missingOf", { name: field.name })}
      onClick={() => onChange(isMissing ? field.example : "")}
    >
      {t("field.missing")}
    </Button>
  );
}

function FaultText({ text }: { text: string }) {
  return (
    <Group component="span" gap={4} wrap="nowrap" display="inline-flex">
      <IconAlertCircle size={14} aria-hidden />
      {text}
    </Group>
  );
}

/** What training saw, in a sentence. */
function useHint(field: Field): string | null {
  const { t } = useTranslation("try");
  const range = useRangeText()(field);
  if (range !== null) return t("field.saw", { range });
  if (field.kind === "text") return t("field.freeText");
  if (field.kind !== "category") return null;
  if (field.known === null) return t("field.manyCategories");
  const named = field.known.slice(0, MOST_NAMED).join(", ");
  const others = field.known.length - MOST_NAMED;
  return others > 0 ? t("field.sawOthers", { named, count: others }) : t("field.sawValues", { named });
}

function labelOf(option: unknown): string {
  return isObject(option) && typeof option.label === "string" ? option.label.toLowerCase() : "";
}
