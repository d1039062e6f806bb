import { Alert, Button, Card, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useMay } from "@/session/hooks";
import { AUTO_METRIC, type Task } from "@/ui/metrics";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { faultsByField } from "@/views/dataset/train/draft";
import type { TrainForm } from "@/views/dataset/train/form";
import { LimitAlert, limitOf } from "@/views/dataset/train/LimitAlert";
import classes from "@/views/dataset/train/Summary.module.css";

/** What will be ordered, the order itself, and what the service says against it. */
export function Summary({
  form,
  task,
  columns,
  model,
  isOrdering,
  error,
  onReset,
}: {
  form: TrainForm;
  task: Task | null;
  columns: number;
  model: string;
  isOrdering: boolean;
  error: unknown;
  onReset: () => void;
}) {
  const { t } = useTranslation("train");
  const format = useFormat();
  const texts = useMetricTexts();
  const mayTrain = useMay("editor");
  const { target, metric, budget, recipe, exclude } = form.values;
  const deciding = metric === "auto" ? task && AUTO_METRIC[task] : metric;
  const facts: [string, ReactNode][] = [
    [t("summary.target"), target || <em>{t("summary.nothing")}</em>],
    [t("summary.task"), task && t(`task.${task}`)],
    [t("summary.metric"), deciding && texts.nameOf(deciding)],
    [t("summary.budget"), budget === null ? t("budget.default") : format.duration(budget)],
    [
      t("summary.data"),
      `${t("summary.columns", { count: Math.max(0, columns - 1 - exclude.length) })}${
        recipe === null ? "" : ` · ${t("data.recipe")} ${recipe}`
      }`,
    ],
    [t("summary.model"), model],
  ];
  return (
    <Card withBorder component="aside" aria-label={t("summary.title")} className={classes.panel ?? ""}>
      <Stack>
        <Title order={2} size="h4">
          {t("summary.title")}
        </Title>
        <dl className={classes.facts}>
          {facts
            .filter(([, value]) => value !== null)
            .map(([name, value]) => (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </Fragment>
            ))}
        </dl>
        <Tooltip label={t("summary.viewer")} disabled={mayTrain} multiline maw={260}>
          <Button
            type="submit"
            size="md"
            loading={isOrdering}
            leftSection={<IconPlayerPlay size={18} />}
            {...(mayTrain ? {} : { "data-disabled": true, "aria-disabled": true })}
          >
            {t("summary.start")}
          </Button>
        </Tooltip>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onReset}>
          {t("summary.reset")}
        </Button>
        {error !== null && <Refusal error={error} />}
        {!mayTrain && (
          <Text size="sm" c="dimmed">
            {t("summary.viewer")}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Refusal({ error }: { error: unknown }) {
  const { t } = useTranslation("train");
  const limit = limitOf(error);
  if (limit) {
    return <LimitAlert problem={limit} />;
  }
  if (faultsByField(error).rest) {
    return <ProblemAlert error={error} />;
  }
  return (
    <Alert color="red" icon={<IconAlertTriangle />} role="alert">
      {t("summary.faults")}
    </Alert>
  );
}
