import { Accordion, Badge, Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Finding } from "../report/report";
import { styles } from "../report/styles";

const SHOWN = 20;

/** What was found in the data, with the figures behind it. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation(["judge", "common"]);
  const [shown, setShown] = useState(SHOWN);
  if (findings.length === 0) {
    return <Text size="sm">{t("findings.none")}</Text>;
  }
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {t("findings.title", { count: findings.length })}
      </Title>
      <Accordion variant="contained" multiple>
        {findings.slice(0, shown).map((finding, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: findings have no name of their own.
          <Accordion.Item key={place} value={String(place)}>
            <Accordion.Control>
              <Group gap="xs">
                <Text size="sm" lang="en" className={styles.text}>
                  {finding.message}
                </Text>
                {finding.opted_out && (
                  <Badge variant="default" tt="none">
                    {t("findings.optedOut")}
                  </Badge>
                )}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              <Evidence finding={finding} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {findings.length > shown && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setShown(shown + 100)}>
            {t("common:loadMore")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Evidence({ finding }: { finding: Finding }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const said = (value: unknown): string =>
    typeof value === "number"
      ? format.number(value, 5)
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return (
    <Table fz="xs" lang="en">
      <Table.Tbody>
        <Table.Tr>
          <Table.Th scope="row">{t("findings.action")}</Table.Th>
          <Table.Td>{finding.action}</Table.Td>
        </Table.Tr>
        {Object.entries(finding.evidence).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row">{name.replaceAll("_", " ")}</Table.Th>
            <Table.Td className={styles.text}>{said(value)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
