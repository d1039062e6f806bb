import { Alert, Select, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AUTO_METRIC, metricsOf, type Task } from "@/ui/metrics";
import { useMetricTexts } from "@/ui/useMetricTexts";
import type { Draft } from "@/views/dataset/train/draft";
import type { TrainForm } from "@/views/dataset/train/form";
import { Section } from "@/views/dataset/train/Section";
import { Segments } from "@/views/dataset/train/Segments";
import { type Column, taskOf } from "@/views/dataset/train/task";

const TASKS = ["auto", "classification", "regression"] as const;

/** What the answer is, and by what candidates are judged. */
export function TaskSection({
  form,
  column,
  task,
  rows,
}: {
  form: TrainForm;
  column: Column | undefined;
  task: Task | null;
  rows: number;
}) {
  const { t } = useTranslation("train");
  return (
    <Section title={t("task.title")}>
      <Segments
        label={t("task.label")}
        data={TASKS.map((value) => ({ value, label: t(`task.${value}`) }))}
        value={form.values.task}
        onChange={(chosen) => {
          form.setFieldValue("task", chosen);
          form.setFieldValue("metric", "auto");
        }}
        error={form.errors.task}
      />
      {column ? <Explanation chosen={form.values.task} column={column} rows={rows} /> : null}
      {task === null ? (
        <Text size="sm" c="dimmed">
          {t("task.chooseTarget")}
        </Text>
      ) : (
        <MetricSelect form={form} task={task} />
      )}
    </Section>
  );
}

function Explanation({ chosen, column, rows }: { chosen: Draft["task"]; column: Column; rows: number }) {
  const { t } = useTranslation("train");
  const { task, reason } = taskOf(column, rows);
  const automatic = `${t(`task.willBe.${task}`)} ${t(`task.why.${reason}`)}`;
  const isOverridden = chosen !== "auto" && chosen !== task;
  if (!isOverridden) {
    return (
      <Text size="sm" c="dimmed">
        {automatic}
      </Text>
    );
  }
  const isWords = chosen === "regression" && column.type !== "boolean";
  return (
    <Alert color="blue" variant="light">
      <Stack gap={4}>
        <Text size="sm">
          {t("task.overridden")} {automatic}
        </Text>
        {isWords && column.type !== "numeric" && <Text size="sm">{t("task.notNumeric")}</Text>}
      </Stack>
    </Alert>
  );
}

function MetricSelect({ form, task }: { form: TrainForm; task: Task }) {
  const { t } = useTranslation("train");
  const texts = useMetricTexts();
  const { metric } = form.values;
  const deciding = metric === "auto" ? AUTO_METRIC[task] : metric;
  const say = (name: string) => `${texts.meaningOf(name)} ${texts.directionOf(name)}`;
  return (
    <Select
      label={t("metric.label")}
      data={[
        { value: "auto", label: t("metric.auto") },
        ...metricsOf(task).map((name) => ({ value: name as string, label: texts.nameOf(name) })),
      ]}
      value={metric}
      onChange={(chosen) => form.setFieldValue("metric", (chosen ?? "auto") as Draft["metric"])}
      allowDeselect={false}
      error={form.errors.metric}
      maw={460}
      maxDropdownHeight={420}
      inputWrapperOrder={["label", "input", "error", "description"]}
      description={
        metric === "auto"
          ? t("metric.autoMeans", { name: texts.nameOf(deciding), text: say(deciding) })
          : say(deciding)
      }
      renderOption={({ option }) => (
        <Stack gap={0}>
          <Text size="sm">{option.label}</Text>
          <Text size="xs" c="dimmed">
            {say(option.value === "auto" ? AUTO_METRIC[task] : option.value)}
          </Text>
        </Stack>
      )}
    />
  );
}
