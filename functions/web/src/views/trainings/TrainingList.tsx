import { Anchor, Card, Group, Progress, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { isUnderWay } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { elapsedOf } from "@/views/trainings/times";

type Job = Schemas["JobSummary"];

export function TrainingTable({ jobs }: { jobs: Job[] }) {
  const { t } = useTranslation("trainings");
  return (
    <Table highlightOnHover verticalSpacing="sm" layout="fixed" aria-label={t("title")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("list.model")}</Table.Th>
          <Table.Th>{t("list.target")}</Table.Th>
          <Table.Th>{t("list.status")}</Table.Th>
          <Table.Th>{t("list.when")}</Table.Th>
          <Table.Th w={110}>{t("list.duration")}</Table.Th>
          <Table.Th>{t("list.result")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {jobs.map((job) => (
          <Table.Tr key={job.id}>
            <Table.Td>
              <JobLink job={job} />
            </Table.Td>
            <Table.Td>
              <Text size="sm" truncate title={job.target}>
                {job.target}
              </Text>
            </Table.Td>
            <Table.Td>
              <Status job={job} />
            </Table.Td>
            <Table.Td>
              <When job={job} />
            </Table.Td>
            <Table.Td>
              <Duration job={job} />
            </Table.Td>
            <Table.Td>
              <Result job={job} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export function TrainingCards({ jobs }: { jobs: Job[] }) {
  const { t } = useTranslation("trainings");
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
      {jobs.map((job) => (
        <Card key={job.id} withBorder component="li">
          <Stack gap={6}>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <JobLink job={job} />
              <When job={job} />
            </Group>
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {t("list.target")} {job.target}
            </Text>
            <Status job={job} />
            <Group gap="xs" justify="space-between" wrap="nowrap">
              <Result job={job} />
              <Duration job={job} />
            </Group>
          </Stack>
        </Card>
      ))}
    </Stack>
  );
}

function JobLink({ job }: { job: Job }) {
  const { t } = useTranslation("trainings");
  const format = useFormat();
  return (
    <Anchor
      component={Link}
      to={`/trainings/${job.id}`}
      size="sm"
      fw={600}
      style={{ overflowWrap: "anywhere" }}
      aria-label={t("list.open", { model: job.model, when: format.dateTime(job.created_at) })}
    >
      {job.model}
    </Anchor>
  );
}

function Status({ job }: { job: Job }) {
  const { t } = useTranslation("trainings");
  const format = useFormat();
  return (
    <Stack gap={4} align="flex-start">
      <Group gap={6}>
        <StatusBadge status={job.status} />
        {job.status === "RUNNING" && (
          <Text size="xs" c="dimmed">
            {format.percent(job.progress, 0)}
          </Text>
        )}
        {job.queue_position !== null && (
          <Text size="xs" c="dimmed">
            {t("place", { count: job.queue_position })}
          </Text>
        )}
      </Group>
      {job.status === "RUNNING" && (
        <Progress
          value={100 * job.progress}
          w="100%"
          maw={160}
          size="sm"
          aria-label={t("list.progress", { model: job.model })}
        />
      )}
    </Stack>
  );
}

function When({ job }: { job: Job }) {
  const format = useFormat();
  return (
    <Text
      size="sm"
      c="dimmed"
      component="time"
      dateTime={job.created_at}
      title={format.dateTime(job.created_at)}
      style={{ whiteSpace: "nowrap" }}
    >
      {format.ago(job.created_at)}
    </Text>
  );
}

function Duration({ job }: { job: Job }) {
  const format = useFormat();
  const elapsed = elapsedOf(job, Date.now());
  return (
    <Text size="sm" style={{ whiteSpace: "nowrap" }}>
      {elapsed === null ? "–" : format.duration(elapsed)}
    </Text>
  );
}

function Result({ job }: { job: Job }) {
  const { t, i18n } = useTranslation(["trainings", "common"]);
  if (job.version !== null) {
    return (
      <Anchor
        component={Link}
        to={`/models/${encodeURIComponent(job.model)}/versions/${job.version}`}
        size="sm"
      >
        {t("common:version", { number: job.version })}
      </Anchor>
    );
  }
  const words = i18n.language === "en" ? {} : { lang: "en" };
  const text = job.error?.message ?? (isUnderWay(job.status) ? job.message : "");
  return (
    <Text size="sm" {...(job.error ? {} : { c: "dimmed" })} lineClamp={2} title={text} {...words}>
      {text}
    </Text>
  );
}
