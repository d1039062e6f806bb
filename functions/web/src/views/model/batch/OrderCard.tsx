import { Button, Card, FileButton, Group, Progress, Stack, Switch, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFileSpreadsheet } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { DropZone } from "@/ui/DropZone";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useFlag } from "@/ui/useFlag";
import type { Chosen } from "@/ui/VersionChoice";
import { useSend } from "@/views/model/batch/useSend";

/** Hand in a file of rows: where it goes, how far it is. */
export function OrderCard({ model, chosen }: { model: string; chosen: NonNullable<Chosen> }) {
  const { t } = useTranslation(["batch", "common"]);
  const format = useFormat();
  // Results are opened in spreadsheets more often than not.
  const [isSafe, setSafe] = useFlag("safe", true);
  const reset = useRef<() => void>(null);
  const [fault, setFault] = useState<string | null>(null);
  const { send, cancel, sending, problem } = useSend(model, chosen.query, isSafe);

  const take = async (files: File[]) => {
    const [file] = files;
    // Else the browser would not tell when the same file is chosen again.
    reset.current?.();
    if (!file) return;
    if (files.length > 1) {
      setFault(t("order.one"));
      return;
    }
    setFault(null);
    if (file.size === 0) {
      setFault(t("order.empty", { name: file.name }));
      return;
    }
    if (await send(file)) {
      notifications.show({ color: "green", message: t("order.sent", { name: file.name }) });
    }
  };
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Title order={2} size="h4">
          {t("order.title")}
        </Title>
        {sending === null ? (
          <DropZone onDrop={take}>
            <Group justify="center" gap="md" mih={90}>
              <IconFileSpreadsheet size={36} aria-hidden />
              <div>
                <Text fw={600}>{t("order.drop")}</Text>
                <Text size="sm" c="dimmed">
                  {t("order.dropText")}
                </Text>
              </div>
              <FileButton
                onChange={(file) => file && take([file])}
                resetRef={reset}
                accept=".csv,.tsv,.txt,text/csv"
              >
                {(props) => <Button {...props}>{t("order.choose")}</Button>}
              </FileButton>
            </Group>
          </DropZone>
        ) : (
          <Stack gap="xs" role="status">
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                {t("order.sending", { name: sending.fileName, share: format.percent(sending.share, 0) })}
              </Text>
              <Button size="xs" variant="default" onClick={cancel}>
                {t("common:cancel")}
              </Button>
            </Group>
            <Progress
              value={sending.share * 100}
              animated
              aria-label={t("order.progress", { name: sending.fileName })}
            />
            <Text size="xs" c="dimmed">
              {t("order.stay")}
            </Text>
          </Stack>
        )}
        {fault !== null && (
          <Text role="alert" size="sm" fw={500} style={{ color: "var(--mantine-color-error)" }}>
            {fault}
          </Text>
        )}
        {problem !== null && <ProblemAlert error={problem} />}
        <Switch
          label={t("order.safe")}
          description={t("order.safeText")}
          checked={isSafe}
          disabled={sending !== null}
          onChange={(event) => setSafe(event.currentTarget.checked)}
        />
      </Stack>
    </Card>
  );
}
