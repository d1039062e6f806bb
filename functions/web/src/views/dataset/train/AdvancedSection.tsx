import { Accordion, Alert, Button, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Task } from "@/ui/metrics";
import { ClassWeights } from "@/views/dataset/train/ClassWeights";
import { type Draft, EMPTY, MAX_SEED } from "@/views/dataset/train/draft";
import type { TrainForm } from "@/views/dataset/train/form";
import { Segments } from "@/views/dataset/train/Segments";
import type { Column } from "@/views/dataset/train/task";

const SPLITS = ["random", "group", "time"] as const;
const LISTED = 50;

/** What most trainings don't need. */
export function AdvancedSection({
  form,
  task,
  column,
  columns,
  warnings,
}: {
  form: TrainForm;
  task: Task | null;
  column: Column | undefined;
  columns: Column[];
  warnings: Schemas["ProfileWarning"][];
}) {
  const { t } = useTranslation("train");
  return (
    <Accordion variant="contained" defaultValue={isChanged(form.values) ? "advanced" : null} order={2}>
      <Accordion.Item value="advanced">
        <Accordion.Control>
          <Text fw={650} component="span">
            {t("advanced.title")}
          </Text>{" "}
          <Text size="sm" c="dimmed" component="span" display="block">
            {t("advanced.text")}
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="lg">
            <ClassWeights form={form} task={task} column={column} />
            <SplitChoice form={form} columns={columns} warnings={warnings} />
            {(["compact", "recall", "reasons"] as const).map((name) => (
              <Switch
                key={name}
                label={t(`advanced.${name}`)}
                description={t(`advanced.${name}Text`)}
                checked={form.values[name]}
                onChange={(event) => form.setFieldValue(name, event.currentTarget.checked)}
              />
            ))}
            <NumberInput
              label={t("advanced.seed")}
              description={t("advanced.seedText")}
              min={0}
              max={MAX_SEED}
              allowDecimal={false}
              maw={460}
              {...form.getInputProps("seed")}
              onChange={(value) => form.setFieldValue("seed", Number(value) || 0)}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function isChanged(draft: Draft): boolean {
  const names = ["weighting", "split", "compact", "recall", "reasons", "seed"] as const;
  return names.some((name) => draft[name] !== EMPTY[name]);
}

function SplitChoice({
  form,
  columns,
  warnings,
}: {
  form: TrainForm;
  columns: Column[];
  warnings: Schemas["ProfileWarning"][];
}) {
  const { t } = useTranslation("train");
  const { split, target } = form.values;
  const inOrder = warnings.find(({ code }) => code === "rows_in_time_order")?.column;
  const suited = columns.filter(
    ({ name, type }) => name !== target && (split === "group" || type === "date" || type === "numeric"),
  );
  const choose = (chosen: Draft["split"]) => {
    form.setFieldValue("split", chosen);
    if (chosen === "time" && form.values.time === "") {
      form.setFieldValue("time", inOrder ?? columns.find(({ type }) => type === "date")?.name ?? "");
    }
  };
  return (
    <Stack gap="xs">
      <Segments
        label={t("advanced.split")}
        description={t(`advanced.splitMeans.${split}`)}
        data={SPLITS.map((value) => ({ value, label: t(`advanced.splits.${value}`) }))}
        value={split}
        onChange={choose}
      />
      {split !== "random" && (
        <Select
          label={t(`advanced.${split}`)}
          data={suited.map(({ name }) => name)}
          limit={LISTED}
          searchable
          maw={460}
          nothingFoundMessage={t("target.nothingFound")}
          value={form.values[split] || null}
          onChange={(name) => form.setFieldValue(split, name ?? "")}
          error={form.errors[split]}
        />
      )}
      {split === "random" && inOrder && (
        <Alert color="blue" variant="light">
          <Stack gap="xs" align="flex-start">
            {t("advanced.timeHint", { name: inOrder })}
            <Button size="xs" variant="light" onClick={() => choose("time")}>
              {t("advanced.splits.time")}
            </Button>
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
