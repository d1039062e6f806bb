import { Group, Progress, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { elapsedOf, remainingOf } from "@/views/trainings/times";
import { useNow } from "@/views/trainings/useNow";

/** How far a training is, and how long it may still take. */
export function TrainingProgress({ job }: { job: Schemas["JobView"] }) {
  const { t, i18n } = useTranslation("trainings");
  const format = useFormat();
  const now = useNow(true);
  const elapsed = elapsedOf(job, now);
  const remaining = remainingOf(job, job.options?.budget_seconds ?? null, now);
  const waits = job.status === "QUEUED";
  const words = i18n.language === "en" ? {} : { lang: "en" };
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="baseline" gap="xs">
        <Text fw={600} style={{ overflowWrap: "anywhere" }} {...(waits || !job.message ? {} : words)}>
          {waits
            ? job.queue_position === null
              ? t("waiting")
              : t("place", { count: job.queue_position })
            : job.message || t("progress.starting")}
        </Text>
        {!waits && <Text fw={650}>{format.percent(job.progress, 0)}</Text>}
      </Group>
      <Progress.Root size="lg">
        <Progress.Section
          value={waits ? 100 : Math.max(2, 100 * job.progress)}
          color={waits ? "gray" : "indigo"}
          animated
          aria-label={t("progress.label")}
          {...(waits ? { "aria-valuenow": 0 } : { "aria-valuenow": Math.round(100 * job.progress) })}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed">
        {job.status === "CANCELLING"
          ? t("progress.cancelling")
          : elapsed !== null &&
            [
              t("progress.elapsed", { time: format.duration(elapsed) }),
              remaining === null
                ? ""
                : remaining === 0
                  ? t("progress.soon")
                  : t("progress.atMost", { time: format.duration(remaining) }),
            ]
              .filter(Boolean)
              .join(" · ")}
      </Text>
    </Stack>
  );
}
