import { Card, Group, Stack, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { isUnderWay, pollWhile } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { BackLink } from "@/ui/BackLink";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { StatusBadge } from "@/ui/StatusBadge";
import { Unavailable } from "@/ui/Unavailable";
import { useTitle } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";
import { CancelButton } from "@/views/trainings/CancelButton";
import { DesktopSwitch } from "@/views/trainings/DesktopSwitch";
import { Ended } from "@/views/trainings/Ended";
import { Leaderboard } from "@/views/trainings/Leaderboard";
import { readBoard } from "@/views/trainings/leaderboard";
import { Ordered } from "@/views/trainings/Ordered";
import { TrainingProgress } from "@/views/trainings/TrainingProgress";
import { milestoneOf } from "@/views/trainings/times";

/** One training, live. */
export function Training() {
  const { jobId = "" } = useParams();
  const job = $api.useQuery(
    "get",
    "/jobs/{job_id}",
    { params: { path: { job_id: jobId } } },
    {
      refetchInterval: (query) => (query.state.data ? pollWhile([query.state.data.status]) : false),
      // The title of the tab shows how far it is while another tab is looked at.
      refetchIntervalInBackground: true,
    },
  );
  if (job.data) {
    return (
      <>
        {job.isError && <ProblemAlert error={job.error} onRetry={() => job.refetch()} />}
        <TrainingInFull job={job.data} />
      </>
    );
  }
  return job.isError ? (
    <Unavailable thing="training" error={job.error} onRetry={() => job.refetch()} />
  ) : (
    <Waiting />
  );
}

function TrainingInFull({ job }: { job: Schemas["JobView"] }) {
  const { t } = useTranslation(["trainings", "common"]);
  const format = useFormat();
  const name = t("name", { model: job.model });
  const underWay = isUnderWay(job.status);
  const share = job.status === "RUNNING" ? `${format.percent(job.progress, 0)} · ` : "";
  useTitle(`${underWay ? share || `${t(`common:status.${job.status}`)} · ` : ""}${name}`);
  const milestone = milestoneOf(job);
  const board = readBoard(job.leaderboard);
  return (
    <Stack gap={0}>
      <BackLink to="/trainings" label={t("title")} />
      <PageTitle
        title={name}
        subtitle={
          <Group gap="xs">
            <StatusBadge status={job.status} />
            {t("predicts", { target: job.target, when: format.dateTime(job.created_at) })}
          </Group>
        }
      >
        {underWay && <CancelButton job={job} />}
      </PageTitle>
      <VisuallyHidden role="status">
        {milestone.key === "quarter"
          ? t("announce.quarter", { share: format.percent(milestone.share, 0) })
          : t(`announce.${milestone.key}`)}
      </VisuallyHidden>
      <Stack>
        {underWay ? (
          <Card withBorder padding="lg">
            <Stack>
              <TrainingProgress job={job} />
              <DesktopSwitch />
            </Stack>
          </Card>
        ) : (
          <Ended job={job} board={board} />
        )}
        {(underWay || board.rows.length > 0) && <Leaderboard board={board} underWay={underWay} />}
        <Ordered job={job} />
      </Stack>
    </Stack>
  );
}
