import { Group, SegmentedControl, Table, Text } from "@mantine/core";
import { IconCircleCheckFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { readMetric } from "@/ui/metrics";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { styles } from "../report/styles";
import type { Compared } from "./compare";
import { compareMetrics } from "./compare";

/** Figures of each version, the difference to the first one, and which is the best. */
export function CompareMetrics({
  compared,
  isComparable,
}: {
  compared: readonly Compared[];
  isComparable: boolean;
}) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const texts = useMetricTexts();
  const asked = params.get("figures");
  // Figures of other rows say less than those of cross-validation, which uses them all.
  const where =
    asked === "holdout" || asked === "cross_validation"
      ? asked
      : isComparable
        ? "holdout"
        : "cross_validation";
  const rows = compareMetrics(
    compared.map(({ report }) => report),
    where,
  );
  const signed = (name: string, value: number) => {
    const size =
      readMetric(name)?.unit === "share"
        ? format.percent(Math.abs(value), 2)
        : format.number(Math.abs(value), 3);
    return value === 0 ? "±0" : `${value > 0 ? "+" : "−"}${size}`;
  };
  return (
    <Section
      id="figures"
      title={t("compare.figures")}
      intro={t("compare.figuresIntro", { version: compared[0]?.version })}
    >
      <SegmentedControl
        size="xs"
        aria-label={t("compare.figuresOf")}
        value={where}
        onChange={(value) =>
          setParams(
            (before) => {
              before.set("figures", value);
              return before;
            },
            { replace: true, preventScrollReset: true },
          )
        }
        data={[
          { value: "holdout", label: t("holdout") },
          { value: "cross_validation", label: t("crossValidation") },
        ]}
        style={{ alignSelf: "flex-start" }}
      />
      <ScrollBox label={t("compare.figures")} minWidth={140 + compared.length * 90}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t("figure")}</Table.Th>
              {compared.map(({ version }) => (
                <Table.Th scope="col" key={version} className={styles.number}>
                  {t("common:version", { number: version })}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ name, values, spreads, differences, best }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500}>
                  {texts.nameOf(name)}
                  <Text size="xs" c="dimmed">
                    {texts.directionOf(name)}
                  </Text>
                </Table.Th>
                {compared.map(({ version }, place) => {
                  const spread = spreads[place] ?? null;
                  const difference = differences[place] ?? null;
                  return (
                    <Table.Td key={version} className={styles.number}>
                      <Group gap={4} justify="flex-end" wrap="nowrap">
                        {best[place] && (
                          <IconCircleCheckFilled
                            size={16}
                            color="var(--mantine-color-teal-6)"
                            role="img"
                            aria-label={t("compare.best")}
                          />
                        )}
                        <Text span size="sm" fw={best[place] ? 700 : 400}>
                          {texts.formatValue(name, values[place] ?? null)}
                        </Text>
                      </Group>
                      <Text size="xs" c="dimmed">
                        {spread !== null && `± ${texts.formatValue(name, spread)} `}
                        {difference !== null && signed(name, difference)}
                      </Text>
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollBox>
      <Group gap={4}>
        <IconCircleCheckFilled size={16} color="var(--mantine-color-teal-6)" aria-hidden />
        <Text size="xs" c="dimmed">
          {t("compare.bestMeans")}
        </Text>
      </Group>
    </Section>
  );
}
