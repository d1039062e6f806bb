import { SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { ScrollBox } from "../report/ScrollBox";
import { styles } from "../report/styles";
import { type Costs, costOf, type OperatingPoint, ratesOf } from "./thresholds";

/** What a threshold brings and costs, beside the model's own rule and the cheapest one. */
export function ThresholdNumbers({
  point,
  positive,
  costs,
  own,
  best,
}: {
  point: OperatingPoint;
  positive: string;
  costs: Costs;
  own: OperatingPoint | null;
  best: OperatingPoint;
}) {
  const { t } = useTranslation(["judge", "metrics"]);
  const format = useFormat();
  const columns = [
    { name: t("threshold.here"), of: point },
    ...(own ? [{ name: t("threshold.ownRule"), of: own }] : []),
    { name: t("threshold.cheapestRule"), of: best },
  ];
  const rates = columns.map(({ of }) => ratesOf(of));
  const rows: [string, string[]][] = [
    [t("threshold.threshold"), columns.map(({ of }) => format.percent(of.threshold))],
    [
      t("perClass.precision"),
      rates.map(({ precision }) => (precision === null ? t("unknownFigure") : format.percent(precision))),
    ],
    [t("perClass.recall"), rates.map(({ recall }) => format.percent(recall))],
    [t("perClass.f1"), rates.map(({ f1 }) => format.percent(f1))],
    [t("threshold.flagged", { class: positive }), rates.map(({ flagged }) => format.percent(flagged))],
    [t("metrics:accuracy.name"), rates.map(({ accuracy }) => format.percent(accuracy))],
    [t("threshold.cost"), columns.map(({ of }) => format.number(costOf(of, costs), 6))],
  ];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <ScrollBox label={t("sections.threshold")} minWidth={360}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("figure")}</Table.Th>
              {columns.map(({ name }) => (
                <Table.Th scope="col" key={name} className={styles.number}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([name, values]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500} className={styles.text}>
                  {name}
                </Table.Th>
                {columns.map((column, place) => (
                  <Table.Td key={column.name} className={styles.number} fw={place === 0 ? 650 : 400}>
                    {values[place]}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
      <Stack gap="xs">
        <Table withTableBorder withColumnBorders>
          <Table.Caption>{t("threshold.counts")}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Td>{t("confusion.corner")}</Table.Td>
              <Table.Th scope="col">{t("threshold.answered", { class: positive })}</Table.Th>
              <Table.Th scope="col">{t("threshold.answeredOther")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row">{t("threshold.truly", { class: positive })}</Table.Th>
              <Table.Td>{t("threshold.found", { rows: format.integer(point.truePositives) })}</Table.Td>
              <Table.Td>{t("threshold.missed", { rows: format.integer(point.falseNegatives) })}</Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th scope="row">{t("threshold.trulyOther")}</Table.Th>
              <Table.Td>{t("threshold.alarms", { rows: format.integer(point.falsePositives) })}</Table.Td>
              <Table.Td>{t("threshold.passed", { rows: format.integer(point.trueNegatives) })}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
        <Text size="sm" role="status">
          {t("threshold.said", {
            threshold: format.percent(point.threshold),
            found: format.integer(point.truePositives),
            members: format.integer(point.truePositives + point.falseNegatives),
            alarms: format.integer(point.falsePositives),
            strangers: format.integer(point.falsePositives + point.trueNegatives),
            cost: format.number(costOf(point, costs), 6),
            class: positive,
          })}
        </Text>
      </Stack>
    </SimpleGrid>
  );
}
