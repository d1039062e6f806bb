import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import type { Board } from "@/views/trainings/leaderboard";
import { elapsedOf } from "@/views/trainings/times";

// The colour of the alert itself is too faint for words.
const TITLE = { title: { color: "var(--mantine-color-text)" } };

/** How a training ended, and the way on. */
export function Ended({ job, board }: { job: Schemas["JobView"]; board: Board }) {
  const { t, i18n } = useTranslation("trainings");
  const again = `/datasets/${job.dataset_id}/train?like=${job.id}`;
  if (job.status === "SUCCEEDED" && job.version !== null) {
    return <Succeeded job={job} board={board} version={job.version} />;
  }
  if (job.status === "CANCELLED") {
    return (
      <Alert styles={TITLE} color="gray" icon={<IconCircleX />} title={t("cancelled.title")}>
        <Stack align="flex-start" gap="sm">
          {t("cancelled.text")}
          <Button component={Link} to={again} variant="default" size="sm">
            {t("cancelled.again")}
          </Button>
        </Stack>
      </Alert>
    );
  }
  return (
    <Alert styles={TITLE} color="red" icon={<IconAlertTriangle />} title={t("failed.title")}>
      <Stack align="flex-start" gap="sm">
        <Text
          size="sm"
          style={{ overflowWrap: "anywhere" }}
          {...(i18n.language === "en" ? {} : { lang: "en" })}
        >
          {job.error?.message}
        </Text>
        <Button component={Link} to={again} variant="default" size="sm">
          {t("failed.again")}
        </Button>
      </Stack>
    </Alert>
  );
}

function Succeeded({ job, board, version }: { job: Schemas["JobView"]; board: Board; version: number }) {
  const { t } = useTranslation("trainings");
  const format = useFormat();
  const texts = useMetricTexts();
  const chosen = board.rows.find(({ isChosen }) => isChosen) ?? board.rows[0];
  const duration = format.duration(elapsedOf(job, Date.now()) ?? 0);
  const model = `/models/${encodeURIComponent(job.model)}`;
  return (
    <Alert
      styles={TITLE}
      color="teal"
      icon={<IconCircleCheck />}
      title={t("done.title", { version, model: job.model })}
    >
      <Stack gap="sm">
        <Text size="sm">
          {chosen && chosen.mean !== null
            ? t("done.text", {
                name: chosen.model,
                score: format.number(chosen.mean),
                metric: texts.nameOf(board.metric),
                duration,
              })
            : t("done.plain", { duration })}
        </Text>
        <Group gap="xs">
          <Button component={Link} to={`${model}/versions/${version}`}>
            {t("done.judge")}
          </Button>
          <Button component={Link} to={`${model}/try?version=${version}`} variant="default">
            {t("done.try")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
