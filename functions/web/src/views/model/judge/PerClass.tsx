import { Badge, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { PerClass as Entry } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { styles } from "../report/styles";

const MANY = 10;

/** Precision, recall and F1 of each class; of many classes the weakest first. */
export function PerClass({ entries, positive }: { entries: readonly Entry[]; positive: string | null }) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const isMany = entries.length > MANY;
  const shown = isMany ? [...entries].sort((one, other) => (one.f1 ?? 2) - (other.f1 ?? 2)) : entries;
  const share = (value: number | null) => (value === null ? t("unknownFigure") : format.percent(value));
  return (
    <Section
      id="classes"
      title={t("sections.classes")}
      intro={t(isMany ? "perClass.introMany" : "perClass.intro")}
    >
      <ScrollBox label={t("sections.classes")} minWidth={520} isLong>
        <Table stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("class")}</Table.Th>
              {(["rows", "answered", "precision", "recall", "f1"] as const).map((name) => (
                <Table.Th scope="col" key={name} className={styles.number}>
                  {t(`perClass.${name}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((entry) => (
              <Table.Tr key={entry.class}>
                <Table.Th scope="row" fw={500} className={styles.text}>
                  {entry.class}{" "}
                  {entry.class === positive && (
                    <Badge size="xs" variant="light" tt="none">
                      {t("positive")}
                    </Badge>
                  )}
                </Table.Th>
                <Table.Td className={styles.number}>{format.integer(entry.rows)}</Table.Td>
                <Table.Td className={styles.number}>{format.integer(entry.answered)}</Table.Td>
                <Table.Td className={styles.number}>{share(entry.precision)}</Table.Td>
                <Table.Td className={styles.number}>{share(entry.recall)}</Table.Td>
                <Table.Td className={styles.number}>{share(entry.f1)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
    </Section>
  );
}
