import { NumberInput, Radio, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { eligible } from "@/recipes/columns";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { useDecimalSign } from "@/views/dataset/clean/editor/useDecimalSign";

export function DropColumnsFields({ step, onChange, state }: FieldsOf<"drop_columns">) {
  const { t } = useTranslation("clean");
  return (
    <ColumnsInput
      label={t("form.columns")}
      columns={eligible(step.step, state)}
      value={step.columns}
      onChange={(columns) => onChange({ ...step, columns })}
    />
  );
}

const DEFAULT_SHARE = 0.5;

export function DropRowsFields({ step, onChange, state }: FieldsOf<"drop_rows_missing">) {
  const { t } = useTranslation("clean");
  const decimalSign = useDecimalSign();
  const byShare = step.max_share !== undefined;
  const become = (columns: string[], share: number | undefined) => {
    const named = share === undefined || columns.length > 0 ? { columns } : {};
    onChange({ step: step.step, ...named, ...(share === undefined ? {} : { max_share: share }) });
  };
  return (
    <Stack>
      <Radio.Group
        label={t("dropRows.which")}
        value={byShare ? "share" : "any"}
        onChange={(way) => become(step.columns ?? [], way === "share" ? DEFAULT_SHARE : undefined)}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="any" label={t("dropRows.any")} />
          <Radio value="share" label={t("dropRows.share")} />
        </Stack>
      </Radio.Group>
      {byShare && (
        <NumberInput
          label={t("dropRows.limit")}
          suffix=" %"
          min={0}
          max={100}
          decimalSeparator={decimalSign}
          value={Math.round((step.max_share ?? 0) * 1e4) / 100}
          onChange={(percent) =>
            typeof percent === "number" ? become(step.columns ?? [], percent / 100) : undefined
          }
        />
      )}
      <ColumnsInput
        label={byShare ? t("dropRows.counted") : t("form.columns")}
        {...(byShare ? { description: t("form.allIfNone") } : {})}
        columns={eligible(step.step, state)}
        value={step.columns ?? []}
        onChange={(columns) => become(columns, step.max_share)}
        isOptional={byShare}
      />
    </Stack>
  );
}

export function DropDuplicatesFields({ step, onChange, state }: FieldsOf<"drop_duplicates">) {
  const { t } = useTranslation("clean");
  const become = (columns: string[], keep: "first" | "last") =>
    onChange({
      step: step.step,
      ...(columns.length > 0 ? { columns } : {}),
      ...(keep === "last" ? { keep } : {}),
    });
  return (
    <Stack>
      <ColumnsInput
        label={t("duplicates.columns")}
        description={t("form.allIfNone")}
        columns={eligible(step.step, state)}
        value={step.columns ?? []}
        onChange={(columns) => become(columns, step.keep ?? "first")}
        isOptional
      />
      <Radio.Group
        label={t("duplicates.keep")}
        value={step.keep ?? "first"}
        onChange={(keep) => become(step.columns ?? [], keep === "last" ? "last" : "first")}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="first" label={t("duplicates.first")} />
          <Radio value="last" label={t("duplicates.last")} />
        </Stack>
      </Radio.Group>
    </Stack>
  );
}
