import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { styles } from "../report/styles";
import type { Compared } from "./compare";
import { type Aspect, differences } from "./compare";

/** What was given or asked for otherwise. */
export function Differences({ compared }: { compared: readonly Compared[] }) {
  const { t, i18n } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const texts = useMetricTexts();
  const rows = differences(compared.map(({ report }) => report));
  const said = (aspect: Aspect, value: string): string => {
    if (aspect === "compact") return t(value === "" ? "no" : "yes");
    if (value === "" || value === "none") return t("compare.nothing");
    switch (aspect) {
      case "metric":
        return texts.nameOf(value);
      case "budget":
        return format.duration(Number(value));
      case "rows":
        return format.integer(Number(value));
      case "task":
        return t(`common:task.${value as "classification" | "regression"}`);
      default:
        return value;
    }
  };
  return (
    <Section id="differences" title={t("compare.differences")} intro={t("compare.differencesIntro")}>
      {rows.length === 0 ? (
        <Text size="sm">{t("compare.noDifference")}</Text>
      ) : (
        <ScrollBox label={t("compare.differences")} minWidth={160 + compared.length * 170}>
          <Table layout="fixed">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col" w={160}>
                  {t("compare.aspect")}
                </Table.Th>
                {compared.map(({ version }) => (
                  <Table.Th scope="col" key={version}>
                    {t("common:version", { number: version })}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ aspect, values }) => (
                <Table.Tr key={aspect}>
                  <Table.Th scope="row" fw={500} style={{ verticalAlign: "top" }}>
                    {t(`compare.aspects.${aspect}`)}
                  </Table.Th>
                  {compared.map(({ version }, place) => (
                    <Table.Td key={version} className={styles.text} style={{ verticalAlign: "top" }}>
                      <Text
                        size="sm"
                        lineClamp={8}
                        title={values[place]}
                        // The service writes the sentences of steps.
                        {...(aspect === "recipe" && values[place] && i18n.language !== "en"
                          ? { lang: "en" }
                          : {})}
                      >
                        {said(aspect, values[place] ?? "")}
                      </Text>
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
    </Section>
  );
}
