import { Anchor, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconRepeat } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import classes from "@/views/trainings/Ordered.module.css";

/** What a training was told to do. */
export function Ordered({ job }: { job: Schemas["JobView"] }) {
  const { t } = useTranslation(["trainings", "train", "common"]);
  const format = useFormat();
  const texts = useMetricTexts();
  const { options } = job;
  const weights = options?.class_weights;
  const extras = [
    options?.compact ? t("ordered.compact") : "",
    options?.recall === false ? t("ordered.noRecall") : "",
    options?.reasons === false ? t("ordered.noReasons") : "",
  ].filter(Boolean);
  const facts: [string, ReactNode][] = [
    [t("ordered.dataset"), <DatasetLink key="dataset" id={job.dataset_id} />],
  ];
  if (options) {
    facts.push(
      [
        t("train:data.recipe"),
        options.recipe ? t("ordered.recipe", { version: options.recipe }) : t("common:none"),
      ],
      [t("train:task.label"), t(`train:task.${options.task ?? "auto"}`)],
      [
        t("train:metric.label"),
        options.metric && options.metric !== "auto" ? texts.nameOf(options.metric) : t("train:metric.auto"),
      ],
      [t("ordered.seconds"), format.duration(options.budget_seconds)],
      [
        t("ordered.split"),
        options.group
          ? t("ordered.byGroup", { name: options.group })
          : options.time
            ? t("ordered.byTime", { name: options.time })
            : t("ordered.random"),
      ],
      [t("ordered.exclude"), options.exclude?.join(", ")],
      [t("ordered.keep"), options.keep?.join(", ")],
      [
        t("ordered.weights"),
        weights === "balanced"
          ? t("train:advanced.weightings.balanced")
          : weights &&
            Object.entries(weights)
              .map(([label, weight]) => `${label}: ${format.number(weight)}`)
              .join(", "),
      ],
      [t("ordered.extras"), extras.join(", ")],
      [t("train:advanced.seed"), options.seed ? String(options.seed) : ""],
    );
  }
  return (
    <Card withBorder component="section" aria-label={t("ordered.title")} padding="lg">
      <Stack>
        <Title order={2} size="h4">
          {t("ordered.title")}
        </Title>
        {!options && <Text size="sm">{t("ordered.unknown")}</Text>}
        <dl className={classes.facts}>
          {facts
            .filter(([, value]) => Boolean(value))
            .map(([name, value]) => (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </Fragment>
            ))}
        </dl>
        {job.status === "SUCCEEDED" && (
          <Group>
            <Button
              component={Link}
              to={`/datasets/${job.dataset_id}/train?like=${job.id}`}
              variant="default"
              size="sm"
              leftSection={<IconRepeat size={16} />}
            >
              {t("ordered.repeat")}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}

function DatasetLink({ id }: { id: string }) {
  const { t } = useTranslation("trainings");
  const dataset = $api.useQuery("get", "/datasets/{dataset_id}", { params: { path: { dataset_id: id } } });
  if (dataset.error instanceof ProblemError && dataset.error.status === 404) {
    return <>{t("ordered.erased")}</>;
  }
  return (
    <Anchor component={Link} to={`/datasets/${id}`} size="sm" fw={600}>
      {dataset.data?.file_name ?? id}
    </Anchor>
  );
}
