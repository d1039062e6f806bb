import { ActionIcon, Anchor, Button, Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconClock, IconRefresh, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/i18n/format";
import { type Entry, uploads } from "@/views/datasets/queue";
import { useUploadFault } from "@/views/datasets/useUploadFault";
import { useUploads } from "@/views/datasets/useUploads";

/** The files on their way: how far each is, or why it failed. */
export function UploadList() {
  const { t } = useTranslation("datasets");
  const entries = useUploads();
  if (entries.length === 0) {
    return null;
  }
  const done = entries.filter((entry) => entry.status === "done").length;
  return (
    <Card withBorder component="section" aria-label={t("uploads.title")}>
      <Group justify="space-between" mb="xs" mih={30}>
        <Title order={2} size="h5">
          {t("uploads.title")}
        </Title>
        {done > 0 && (
          <Button size="compact-sm" variant="subtle" onClick={() => uploads.removeDone()}>
            {t("uploads.clear")}
          </Button>
        )}
      </Group>
      <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
        {entries.map((entry) => (
          <UploadItem key={entry.id} entry={entry} />
        ))}
      </Stack>
    </Card>
  );
}

function UploadItem({ entry }: { entry: Entry }) {
  const { t } = useTranslation(["datasets", "common"]);
  const format = useFormat();
  const { file, status } = entry;
  const share = file.size > 0 ? entry.sentBytes / file.size : 0;
  const isOver = status === "done" || status === "failed";
  const remove = t(isOver ? "uploads.remove" : "uploads.cancel", { name: file.name });
  return (
    <li>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Stack gap={4} flex={1} miw={0}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" fw={550} truncate title={file.name}>
              {file.name}
            </Text>
            <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
              {status === "sending"
                ? t("uploads.sent", { sent: format.bytes(entry.sentBytes), all: format.bytes(file.size) })
                : format.bytes(file.size)}
            </Text>
          </Group>
          {status === "sending" && (
            <Progress
              value={share * 100}
              animated={share >= 1}
              aria-label={t("uploads.progress", { name: file.name })}
            />
          )}
          <div role={status === "failed" ? "alert" : "status"}>
            <Outcome entry={entry} />
          </div>
        </Stack>
        {status === "failed" && <RetryButton entry={entry} />}
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={remove}
          title={remove}
          onClick={() => uploads.remove(entry.id)}
        >
          <IconX size={16} />
        </ActionIcon>
      </Group>
    </li>
  );
}

function Outcome({ entry }: { entry: Entry }) {
  const { t, i18n } = useTranslation("datasets");
  const faultOf = useUploadFault();
  if (entry.status === "waiting") {
    return (
      <Line icon={<IconClock size={16} />} color="dimmed">
        {t("uploads.waiting")}
      </Line>
    );
  }
  if (entry.status === "done") {
    return (
      <Line icon={<IconCircleCheck size={16} />} color="var(--mantine-color-green-light-color)">
        {t("uploads.done")}{" "}
        <Anchor component={Link} to={`/datasets/${entry.datasetId}`} size="sm" underline="always">
          {t("uploads.open")}
        </Anchor>
      </Line>
    );
  }
  if (entry.status === "failed") {
    const { text, detail } = faultOf(entry.error);
    return (
      <Line icon={<IconAlertTriangle size={16} />} color="var(--mantine-color-red-light-color)">
        {text}
        {detail !== null && (
          <Text size="xs" c="dimmed" {...(i18n.language === "en" ? {} : { lang: "en" })}>
            {detail}
          </Text>
        )}
      </Line>
    );
  }
  return null;
}

function RetryButton({ entry }: { entry: Entry }) {
  const { t } = useTranslation("datasets");
  const faultOf = useUploadFault();
  const label = t("uploads.retry", { name: entry.file.name });
  if (!faultOf(entry.error).canRetry) {
    return null;
  }
  return (
    <ActionIcon variant="light" aria-label={label} title={label} onClick={() => uploads.retry(entry.id)}>
      <IconRefresh size={16} />
    </ActionIcon>
  );
}

function Line({
  icon,
  color,
  children,
}: {
  icon: React.ReactNode;
  color: string;
  children: React.ReactNode;
}) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <Text component="span" c={color} lh={0} mt={2} aria-hidden>
        {icon}
      </Text>
      <Text component="div" size="sm" c={color}>
        {children}
      </Text>
    </Group>
  );
}
