import { ActionIcon, Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Task } from "@/ui/metrics";
import type { Draft } from "@/views/dataset/train/draft";
import type { TrainForm } from "@/views/dataset/train/form";
import { Segments } from "@/views/dataset/train/Segments";
import type { Column } from "@/views/dataset/train/task";

const WEIGHTINGS = ["none", "balanced", "own"] as const;
const MAX_CLASSES = 100;
const MAX_WEIGHT = 1e6;

/** How much each class counts. */
export function ClassWeights({
  form,
  task,
  column,
}: {
  form: TrainForm;
  task: Task | null;
  column: Column | undefined;
}) {
  const { t } = useTranslation("train");
  const { weighting } = form.values;
  const choose = (chosen: Draft["weighting"]) => {
    form.setFieldValue("weighting", chosen);
    if (chosen === "own" && form.values.weights.length === 0) {
      const labels = (column?.top ?? []).map(({ value }) => String(value));
      form.setFieldValue(
        "weights",
        labels.map((label) => ({ label, weight: 1 })),
      );
    }
  };
  return (
    <Stack gap="xs">
      <Segments
        label={t("advanced.weighting")}
        description={t("advanced.weightingText")}
        data={WEIGHTINGS.map((value) => ({ value, label: t(`advanced.weightings.${value}`) }))}
        value={weighting}
        onChange={choose}
        disabled={task === "regression" && weighting === "none"}
      />
      <Text size="sm" c="dimmed">
        {task === "regression" ? t("advanced.weightingClasses") : t(`advanced.weightingMeans.${weighting}`)}
      </Text>
      {weighting === "own" && <OwnWeights form={form} />}
      {form.errors.weights && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {form.errors.weights}
        </Text>
      )}
    </Stack>
  );
}

function OwnWeights({ form }: { form: TrainForm }) {
  const { t } = useTranslation("train");
  const { weights } = form.values;
  const change = (place: number, changed: Partial<Draft["weights"][number]>) =>
    form.setFieldValue(
      "weights",
      weights.map((each, other) => (other === place ? { ...each, ...changed } : each)),
    );
  return (
    <Stack gap="xs" maw={460}>
      {weights.map(({ label, weight }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a label that is being written is no key.
        <Group key={place} wrap="nowrap" gap="xs">
          <TextInput
            aria-label={t("advanced.class")}
            value={label}
            maxLength={300}
            onChange={(event) => change(place, { label: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <NumberInput
            aria-label={t("advanced.weightOf", { label: label || t("advanced.class") })}
            value={weight}
            min={0.000001}
            max={MAX_WEIGHT}
            step={1}
            w={110}
            onChange={(value) => change(place, { weight: Number(value) || 1 })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("advanced.removeClass", { label: label || t("advanced.class") })}
            onClick={() =>
              form.setFieldValue(
                "weights",
                weights.filter((_, other) => other !== place),
              )
            }
          >
            <IconX size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          size="xs"
          variant="light"
          leftSection={<IconPlus size={14} />}
          disabled={weights.length >= MAX_CLASSES}
          onClick={() => form.setFieldValue("weights", [...weights, { label: "", weight: 1 }])}
        >
          {t("advanced.addClass")}
        </Button>
      </Group>
    </Stack>
  );
}
