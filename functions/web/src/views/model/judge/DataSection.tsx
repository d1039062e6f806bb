import { Alert, Button, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Report } from "../report/report";
import { Section } from "../report/Section";
import { styles } from "../report/styles";
import { Findings } from "./Findings";

const SHOWN = 20;

/** What the version learned from, what was left out, and what was found. */
export function DataSection({ report }: { report: Report }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const { rows, split } = report;
  const dropped = Object.entries(report.droppedColumns);
  const facts: [string, string][] = [
    [t("data.training"), format.integer(rows.training)],
    [t("data.holdout"), format.integer(rows.holdout)],
    [t("data.withoutTarget"), format.integer(rows.dropped)],
    [t("data.columns"), format.integer(report.features.length)],
    [t("data.split"), t(`split.${split.kind}`, { column: split.column ?? "", count: split.folds })],
    ...(report.classWeights
      ? [
          [
            t("data.classWeights"),
            Object.entries(report.classWeights)
              .map(([name, weight]) => `${name}: ${format.number(weight, 3)}`)
              .join(", "),
          ] as [string, string],
        ]
      : []),
    ...(report.dataDigest ? [["SHA-256", report.dataDigest] as [string, string]] : []),
  ];
  return (
    <Section id="data" title={t("sections.data")} intro={t("data.intro")}>
      {report.warnings.length > 0 && (
        <Alert
          classNames={{ title: styles.title }}
          color="orange"
          icon={<IconAlertTriangle />}
          title={t("data.warnings")}
        >
          <Sentences sentences={report.warnings} />
        </Alert>
      )}
      {report.omitted.length > 0 && (
        <Alert
          classNames={{ title: styles.title }}
          color="gray"
          icon={<IconHourglass />}
          title={t("data.omitted")}
        >
          <Sentences sentences={report.omitted.map(({ reason }) => reason)} />
        </Alert>
      )}
      <Table>
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={{ base: 130, sm: 220 }}>
                {name}
              </Table.Th>
              <Table.Td className={styles.text}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {dropped.length > 0 && (
        <Stack gap={4}>
          <Title order={3} size="h5">
            {t("data.dropped", { count: dropped.length })}
          </Title>
          <Dropped dropped={dropped} />
        </Stack>
      )}
      {report.recipe !== null && (
        <Stack gap={4}>
          <Title order={3} size="h5">
            {t("data.recipe")}
          </Title>
          {report.recipe.length === 0 ? (
            <Text size="sm">{t("data.recipeEmpty")}</Text>
          ) : (
            <List type="ordered" size="sm" lang="en" className={styles.text}>
              {report.recipe.map((sentence, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two steps may say the same.
                <List.Item key={place}>{sentence}</List.Item>
              ))}
            </List>
          )}
        </Stack>
      )}
      <Findings findings={report.findings} />
    </Section>
  );
}

function Sentences({ sentences }: { sentences: readonly string[] }) {
  return (
    <List size="sm" lang="en" className={styles.text}>
      {[...new Set(sentences)].map((sentence) => (
        <List.Item key={sentence}>{sentence}</List.Item>
      ))}
    </List>
  );
}

function Dropped({ dropped }: { dropped: readonly [string, string][] }) {
  const { t, i18n } = useTranslation(["judge", "common"]);
  const [shown, setShown] = useState(SHOWN);
  const reasonOf = (reason: string) => {
    const key = `judge:reasons.${reason}`;
    return i18n.exists(key) ? t(key as "judge:reasons.excluded") : reason;
  };
  return (
    <>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t("column")}</Table.Th>
            <Table.Th scope="col">{t("data.reason")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {dropped.slice(0, shown).map(([name, reason]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} className={styles.text}>
                {name}
              </Table.Th>
              <Table.Td className={styles.text}>{reasonOf(reason)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {dropped.length > shown && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setShown(shown + 100)}>
            {t("common:loadMore")}
          </Button>
        </Group>
      )}
    </>
  );
}
