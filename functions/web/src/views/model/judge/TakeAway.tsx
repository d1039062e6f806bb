import {
  ActionIcon,
  Anchor,
  Button,
  Code,
  CopyButton,
  Group,
  Stack,
  Table,
  Text,
  Tooltip,
} from "@mantine/core";
import { IconCheck, IconCopy, IconDownload, IconExternalLink } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useMay } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { followDownload } from "@/ui/saveFile";
import { Section } from "../report/Section";
import { styles } from "../report/styles";

type Export = Schemas["ExportView"];

/** The version as files, and its run in MLflow. */
export function TakeAway({ version }: { version: Schemas["VersionView"] }) {
  const { t } = useTranslation("judge");
  return (
    <Section id="export" title={t("sections.export")} intro={t("export.intro")}>
      <Table verticalSpacing="sm">
        <Table.Tbody>
          {version.exports.map((one) => (
            <ExportRow key={one.format} one={one} version={version} />
          ))}
          <Table.Tr>
            <Table.Th scope="row">MLflow</Table.Th>
            <Table.Td>
              <Run id={version.mlflow_run_id} address={version.mlflow_run_url} />
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function ExportRow({ one, version }: { one: Export; version: Schemas["VersionView"] }) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const may = useMay("editor");
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    setError(null);
    try {
      // The address is good for five minutes: it is asked for each time.
      const file = await queries.fetchQuery(
        $api.queryOptions(
          "get",
          "/models/{name}/export",
          {
            params: {
              path: { name: version.model },
              query: { version: version.version, format: one.format },
            },
          },
          { staleTime: 0 },
        ),
      );
      followDownload(file.url, file.file_name);
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };
  return (
    <Table.Tr>
      <Table.Th scope="row">{t(`export.${one.format}`)}</Table.Th>
      <Table.Td>
        <Stack gap={2}>
          <Text size="sm">{t(`export.${one.format}Means`)}</Text>
          {one.reason !== null && (
            <Text size="sm">
              {t("export.reason")}{" "}
              <Text span lang="en">
                {one.reason}
              </Text>
            </Text>
          )}
          {one.size_bytes !== null && (
            <Text size="xs" c="dimmed" className={styles.text}>
              {format.bytes(one.size_bytes)}
              {one.parity !== null && ` · ${t("export.parity", { parity: one.parity.toExponential(0) })}`}
            </Text>
          )}
          {one.size_bytes !== null && (
            <Tooltip label={t("common:forbidden")} disabled={may}>
              <Button
                mt={4}
                style={{ alignSelf: "flex-start" }}
                size="xs"
                variant="default"
                leftSection={<IconDownload size={16} />}
                loading={isBusy}
                onClick={may ? download : undefined}
                {...(may ? {} : { "data-disabled": true, "aria-disabled": true })}
                aria-label={t("export.downloadFormat", { format: t(`export.${one.format}`) })}
              >
                {t("export.download")}
              </Button>
            </Tooltip>
          )}
          {error !== null && <ProblemAlert error={error} />}
        </Stack>
      </Table.Td>
    </Table.Tr>
  );
}

function Run({ id, address }: { id: string | null; address: string | null }) {
  const { t } = useTranslation("judge");
  if (id === null) {
    return <Text size="sm">{t("mlflow.none")}</Text>;
  }
  return (
    <Group gap="xs">
      {address === null ? (
        <Text size="sm">{t("mlflow.run")}</Text>
      ) : (
        <Anchor href={address} target="_blank" rel="noreferrer" size="sm">
          {t("mlflow.open")} <IconExternalLink size={14} aria-hidden />
        </Anchor>
      )}
      <Code className={styles.text}>{id}</Code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            onClick={copy}
            aria-label={t(copied ? "mlflow.copied" : "mlflow.copy")}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
