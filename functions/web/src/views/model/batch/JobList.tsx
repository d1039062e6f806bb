import { Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconDownload, IconFileSpreadsheet } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { POLL_MS } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { StatusBadge } from "@/ui/StatusBadge";
import { Waiting } from "@/ui/Waiting";
import { isAbandoned, isAnyUnderWay, type Job } from "@/views/model/batch/jobs";
import { useDownload } from "@/views/model/batch/useDownload";

const PAGE_JOBS = 20;

/** The batches of a model, newest first; those under way move by themselves. */
export function JobList({ model }: { model: string }) {
  const { t } = useTranslation(["batch", "common"]);
  const jobs = $api.useInfiniteQuery(
    "get",
    "/models/{name}/batch",
    { params: { path: { name: model }, query: { limit: PAGE_JOBS } } },
    {
      pageParamName: "after",
      // Without a value the client would ask for the page behind the id 0.
      initialPageParam: null,
      getNextPageParam: (page) => page.next ?? undefined,
      refetchInterval: (query) => {
        const items = query.state.data?.pages.flatMap((page) => page?.items ?? []) ?? [];
        return isAnyUnderWay(items, Date.now()) ? POLL_MS : false;
      },
    },
  );
  if (jobs.isPending) return <Waiting />;
  if (jobs.isError) return <ProblemAlert error={jobs.error} onRetry={() => jobs.refetch()} />;
  const items = jobs.data.pages.flatMap((page) => page.items);
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {t("jobs.title")}
      </Title>
      {items.length === 0 ? (
        <EmptyState
          icon={<IconFileSpreadsheet size={28} />}
          title={t("jobs.empty")}
          text={t("jobs.emptyText")}
        />
      ) : (
        <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
          {items.map((job) => (
            <li key={job.id}>
              <JobCard job={job} />
            </li>
          ))}
        </Stack>
      )}
      {jobs.hasNextPage && (
        <Button
          variant="default"
          onClick={() => jobs.fetchNextPage()}
          loading={jobs.isFetchingNextPage}
          style={{ alignSelf: "center" }}
        >
          {t("common:loadMore")}
        </Button>
      )}
    </Stack>
  );
}

function JobCard({ job }: { job: Job }) {
  const { t } = useTranslation(["batch", "common"]);
  const format = useFormat();
  const download = useDownload(job);
  const isGone = isAbandoned(job, Date.now());
  return (
    <Card withBorder padding="md" component="article" aria-label={job.file_name}>
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} miw={0} style={{ flex: "1 1 16rem" }}>
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {job.file_name}
            </Text>
            {isGone ? (
              <Text size="sm" c="dimmed">
                {t("jobs.abandoned")}
              </Text>
            ) : (
              <span role="status">
                <StatusBadge status={job.status} />
              </span>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {[
              t("common:version", { number: job.version }),
              format.ago(job.created_at),
              job.safe ? t("jobs.safe") : null,
              durationOf(job) === null ? null : format.duration(durationOf(job) ?? 0),
            ]
              .filter((part) => part !== null)
              .join(" · ")}
          </Text>
          {(job.status === "SUCCEEDED" || job.rows > 0) && (
            <Text size="sm">
              {t("jobs.rows", { count: job.rows })}{" "}
              {job.rows_with_errors > 0 && (
                <Text component="span" size="sm" fw={500} style={{ whiteSpace: "nowrap" }}>
                  <IconAlertTriangle size={14} style={{ verticalAlign: "-2px" }} aria-hidden />{" "}
                  {t("jobs.rowsWithErrors", {
                    count: job.rows_with_errors,
                  })}
                </Text>
              )}
            </Text>
          )}
        </Stack>
        {job.status === "SUCCEEDED" && (
          <Group gap="xs">
            <Button
              size="xs"
              leftSection={<IconDownload size={14} />}
              aria-label={t("jobs.predictionsOf", { name: job.file_name })}
              loading={download.isLoading("predictions")}
              onClick={() => download.start("predictions")}
            >
              {t("jobs.predictions")}
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} />}
              aria-label={t("jobs.errorsOf", { name: job.file_name })}
              disabled={job.rows_with_errors === 0}
              loading={download.isLoading("errors")}
              onClick={() => download.start("errors")}
            >
              {t("jobs.errors")}
            </Button>
          </Group>
        )}
      </Group>
      {job.status === "RUNNING" && (
        <Progress
          value={job.progress * 100}
          animated
          mt="sm"
          aria-label={t("jobs.progress", { name: job.file_name })}
        />
      )}
      {job.error && <Reason code={job.error.code} message={job.error.message} />}
      {download.problem !== null && <ProblemAlert error={download.problem} />}
    </Card>
  );
}

const KNOWN_REASONS = [
  "missing_columns",
  "empty_file",
  "no_rows",
  "not_csv",
  "too_many_columns",
  "malformed",
  "file_gone",
  "model_gone",
  "model_too_large",
  "batch_interrupted",
] as const;

/** Why a batch failed: in the page's language, and the service's sentence, which has the particulars. */
function Reason({ code, message }: { code: string; message: string }) {
  const { t, i18n } = useTranslation("batch");
  const known = KNOWN_REASONS.find((reason) => reason === code);
  const isEnglish = i18n.language === "en";
  return (
    <Stack gap={2} mt="xs">
      {known && (
        <Text size="sm" fw={500}>
          {t(`reason.${known}`)}
        </Text>
      )}
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }} {...(isEnglish ? {} : { lang: "en" })}>
        {message}
      </Text>
    </Stack>
  );
}

function durationOf(job: Job): number | null {
  if (job.started_at === null || job.finished_at === null) return null;
  return Math.max(1, (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000);
}
