import { Accordion, Badge, Group, List, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import type { LeaderboardRow, Report } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { styles } from "../report/styles";

/** What was tried, how long it took and what that cost. */
export function TrainingSection({
  leaderboard,
  report,
}: {
  leaderboard: readonly LeaderboardRow[];
  report: Report | null;
}) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const texts = useMetricTexts();
  const { budget, function: whole, used } = report?.seconds ?? {};
  return (
    <Section
      id="training"
      title={t("sections.training")}
      {...(budget !== undefined && used !== undefined
        ? { intro: t("training.took", { budget: format.duration(budget), used: format.duration(used) }) }
        : {})}
    >
      <ScrollBox label={t("sections.training")} minWidth={520}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("training.candidate")}</Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {texts.nameOf(leaderboard[0]?.metric ?? "")}
              </Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {t("training.folds")}
              </Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {t("training.seconds")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {leaderboard.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two candidates may have one name.
              <Table.Tr key={place}>
                <Table.Th scope="row" fw={500}>
                  <Group gap="xs">
                    {row.model}
                    {row.chosen && (
                      <Badge size="sm" variant="light" tt="none">
                        {t("training.served")}
                      </Badge>
                    )}
                  </Group>
                  {row.members && row.members.length > 1 && (
                    <Text size="xs" c="dimmed">
                      {row.members
                        .map(({ model, weight }) =>
                          t("training.member", { model, weight: format.percent(weight, 0) }),
                        )
                        .join(" · ")}
                    </Text>
                  )}
                </Table.Th>
                <Table.Td className={styles.number}>
                  {texts.formatValue(row.metric, row.mean)}
                  {row.std !== null && (
                    <Text span c="dimmed" size="xs">
                      {` ± ${texts.formatValue(row.metric, row.std)}`}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td className={styles.number}>{format.integer(row.folds)}</Table.Td>
                <Table.Td className={styles.number}>{format.number(row.fit_seconds, 3)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
      {report && (
        <>
          <List size="sm">
            {whole !== undefined && (
              <List.Item>{t("training.function", { duration: format.duration(whole) })}</List.Item>
            )}
            {report.cost && (
              <List.Item>
                {t("training.cost", { usd: format.number(report.cost.usd, 2) })}{" "}
                <Text span size="xs" c="dimmed" lang="en">
                  {report.cost.basis}
                </Text>
              </List.Item>
            )}
            {report.compact && report.compact.compact !== null && report.compact.whole !== null && (
              <List.Item>
                {t("training.compact", {
                  metric: texts.nameOf(report.compact.metric),
                  compact: texts.formatValue(report.compact.metric, report.compact.compact),
                  whole: texts.formatValue(report.compact.metric, report.compact.whole),
                })}
              </List.Item>
            )}
          </List>
          <Accordion variant="contained" multiple>
            <Pairs value="parameters" title={t("training.parameters")} pairs={report.parameters} />
            <Pairs value="libraries" title={t("training.libraries")} pairs={report.libraries} />
          </Accordion>
        </>
      )}
    </Section>
  );
}

function Pairs({ value, title, pairs }: { value: string; title: string; pairs: Record<string, unknown> }) {
  const { t } = useTranslation("judge");
  return (
    <Accordion.Item value={value}>
      <Accordion.Control>{title}</Accordion.Control>
      <Accordion.Panel>
        <Table fz="sm" lang="en">
          <Table.Tbody>
            {Object.entries(pairs).map(([name, told]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500} className={styles.text}>
                  {name.replaceAll("_", " ")}
                </Table.Th>
                <Table.Td className={styles.text}>
                  {told === "" || told === null ? t("unknownFigure") : String(told)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
