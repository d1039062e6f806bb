import { Badge, Group, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { shownMetrics } from "../report/judgement";
import { figureOf, type Metrics } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { styles } from "../report/styles";

/** All figures with what they mean. */
export function MetricsTable({ metric, metrics }: { metric: string; metrics: Metrics }) {
  const { t } = useTranslation("judge");
  const texts = useMetricTexts();
  const names = shownMetrics(metric, metrics.holdout, metrics.cross_validation);
  return (
    <Section id="figures" title={t("sections.figures")} intro={t("figuresIntro")}>
      <ScrollBox label={t("sections.figures")} minWidth={560}>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("figure")}</Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {t("holdout")}
              </Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {t("crossValidation")}
              </Table.Th>
              <Table.Th scope="col" className={styles.number}>
                {t("baseline")}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {names.map((name) => {
              const std = figureOf(metrics.cross_validation, `${name}_std`);
              return (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={400}>
                    <Group gap="xs">
                      <Text fw={600} size="sm">
                        {texts.nameOf(name)}
                      </Text>
                      {name === metric && (
                        <Badge size="sm" variant="light" tt="none">
                          {t("decides")}
                        </Badge>
                      )}
                    </Group>
                    <Text size="xs" c="dimmed" maw="55ch">
                      {texts.meaningOf(name)} {texts.directionOf(name)}
                    </Text>
                  </Table.Th>
                  <Table.Td className={styles.number}>
                    {texts.formatValue(name, figureOf(metrics.holdout, name))}
                  </Table.Td>
                  <Table.Td className={styles.number}>
                    {texts.formatValue(name, figureOf(metrics.cross_validation, name))}
                    {std !== null && (
                      <Text span c="dimmed" size="xs">
                        {` ± ${texts.formatValue(name, std)}`}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td className={styles.number}>
                    {texts.formatValue(name, figureOf(metrics.baseline, name))}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </ScrollBox>
    </Section>
  );
}
