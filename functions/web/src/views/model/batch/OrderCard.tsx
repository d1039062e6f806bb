import { Button, Card, FileButton, Group, Progress, Stack, Switch, Text, Title } from "@mantine/core";
import { Dropzone, type FileRejection } from "@mantine/dropzone";
import "@mantine/dropzone/styles.css";
import { notifications } from "@mantine/notifications";
import { IconFileSpreadsheet, IconUpload, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
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
  const [fault, setFault] = useState<string | null>(null);
  const { send, cancel, sending, problem } = useSend(model, chosen.query, isSafe);

  const take = async (files: File[]) => {
    const [file] = files;
    if (!file) return;
    setFault(null);
    if (file.size === 0) {
      setFault(t("order.empty", { name: file.name }));
      return;
    }
    if (await send(file)) {
      notifications.show({ color: "green", message: t("order.sent", { name: file.name }) });
    }
  };
  const refuse = (refused: FileRejection[]) => {
    setFault(t(refused.length > 1 ? "order.one" : "order.noFile", { name: refused[0]?.file.name ?? "" }));
  };
  return (
    <Card withBorder padding="lg">
      <Stack gap="md">
        <Title order={2} size="h4">
          {t("order.title")}
        </Title>
        {sending === null ? (
          // The button is what keyboards and screen readers get; a click beside it opens nothing.
          <Dropzone
            multiple={false}
            onDrop={take}
            onReject={refuse}
            activateOnClick={false}
            activateOnKeyboard={false}
            enablePointerEvents
            inputProps={{ "aria-hidden": true }}
          >
            <Group justify="center" gap="md" mih={90}>
              <Dropzone.Accept>
                <IconUpload size={36} aria-hidden />
              </Dropzone.Accept>
              <Dropzone.Reject>
                <IconX size={36} aria-hidden />
              </Dropzone.Reject>
              <Dropzone.Idle>
                <IconFileSpreadsheet size={36} aria-hidden />
              </Dropzone.Idle>
              <div>
                <Text fw={600}>{t("order.drop")}</Text>
                <Text size="sm" c="dimmed">
                  {t("order.dropText")}
                </Text>
              </div>
              <FileButton onChange={(file) => file && take([file])} accept=".csv,.tsv,.txt,text/csv">
                {(props) => <Button {...props}>{t("order.choose")}</Button>}
              </FileButton>
            </Group>
          </Dropzone>
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
