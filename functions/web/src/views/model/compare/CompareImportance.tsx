import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { ShareBar } from "../report/ShareBar";
import { styles } from "../report/styles";
import type { Compared } from "./compare";
import { compareImportance } from "./compare";

const SHOWN = 20;

/** Of each column its share of all importance, in each version. */
export function CompareImportance({ compared }: { compared: readonly Compared[] }) {
  const { t } = useTranslation(["judge", "common"]);
  const rows = compareImportance(
    compared.map(({ report }) => report),
    SHOWN,
  );
  return (
    <Section
      id="importance"
      title={t("compare.importance")}
      intro={t("compare.importanceIntro", { count: SHOWN })}
    >
      {rows.length === 0 ? (
        <Text size="sm">{t("importance.none")}</Text>
      ) : (
        <ScrollBox label={t("compare.importance")} minWidth={180 + compared.length * 130}>
          <Table layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col" w="30%">
                  {t("column")}
                </Table.Th>
                {compared.map(({ version }) => (
                  <Table.Th scope="col" key={version}>
                    {t("common:version", { number: version })}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ feature, shares }) => (
                <Table.Tr key={feature}>
                  <Table.Th scope="row" fw={500} className={styles.text}>
                    {feature}
                  </Table.Th>
                  {compared.map(({ version }, place) => {
                    const share = shares[place] ?? null;
                    return (
                      <Table.Td key={version}>
                        {share === null ? (
                          <Text size="sm" c="dimmed">
                            {t("compare.notMeasured")}
                          </Text>
                        ) : (
                          <ShareBar share={share} />
                        )}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
    </Section>
  );
}
