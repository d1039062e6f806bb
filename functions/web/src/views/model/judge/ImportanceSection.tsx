import { BarChart } from "@mantine/charts";
import { Button, Group, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBar } from "recharts";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { useMetricTexts } from "@/ui/useMetricTexts";
import type { Importance } from "../report/report";
import { ScrollBox } from "../report/ScrollBox";
import { Section } from "../report/Section";
import { ShareBar } from "../report/ShareBar";
import { shorten } from "../report/series";
import { styles } from "../report/styles";

const DRAWN = 10;
const PAGE = 20;

/** By which columns the answers are made. */
export function ImportanceSection({
  importance,
  reason,
}: {
  importance: Importance | null;
  reason: string | null;
}) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const texts = useMetricTexts();
  if (importance === null || importance.features.length === 0) {
    return (
      <Section id="importance" title={t("sections.importance")}>
        <Text size="sm">{t("importance.none")}</Text>
      </Section>
    );
  }
  const drawn = importance.features.slice(0, DRAWN);
  const hasSpread = drawn.some(({ std }) => std !== null);
  const first = drawn[0];
  return (
    <Section
      id="importance"
      title={t("sections.importance")}
      intro={t("importance.intro", {
        metric: texts.nameOf(importance.metric),
        rows: format.integer(importance.rows),
      })}
    >
      {reason !== null && (
        <Text size="sm" c="dimmed" lang="en">
          {reason}
        </Text>
      )}
      <Figure
        title={t("importance.title", { count: drawn.length })}
        summary={t(hasSpread ? "importance.summarySpread" : "importance.summary", {
          feature: first?.feature ?? "",
          share: format.percent(first?.share ?? 0, 0),
        })}
      >
        <BarChart
          h={drawn.length * 30 + 50}
          data={drawn.map(({ feature, importance: value, std }, place) => ({
            feature: `${place + 1}. ${shorten(feature, 20)}`,
            value,
            spread: std ?? 0,
          }))}
          dataKey="feature"
          orientation="vertical"
          series={[{ name: "value", label: t("importance.importance"), color: "indigo.6" }]}
          gridAxis="y"
          valueFormatter={format.compact}
          xAxisProps={{ tickFormatter: format.compact }}
          yAxisProps={{ width: 150, interval: 0 }}
          maxBarWidth={18}
          {...(hasSpread
            ? {
                barProps: {
                  children: (
                    <ErrorBar dataKey="spread" direction="x" stroke="var(--mantine-color-text)" width={4} />
                  ),
                },
              }
            : {})}
        />
      </Figure>
      <AllFeatures importance={importance} />
    </Section>
  );
}

function AllFeatures({ importance }: { importance: Importance }) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(PAGE);
  const found = importance.features
    .map((feature, place) => ({ ...feature, place: place + 1 }))
    .filter(({ feature }) => feature.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <Stack gap="xs">
      <TextInput
        label={t("importance.search")}
        leftSection={<IconSearch size={16} />}
        value={wanted}
        onChange={({ currentTarget: { value } }) => {
          setWanted(value);
          setShown(PAGE);
        }}
        maw={340}
      />
      <Text size="xs" c="dimmed" role="status">
        {t("importance.found", { count: found.length })}
      </Text>
      {found.length > 0 && (
        <ScrollBox label={t("sections.importance")} minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col" className={styles.number}>
                  {t("importance.place")}
                </Table.Th>
                <Table.Th scope="col">{t("column")}</Table.Th>
                <Table.Th scope="col" w="25%">
                  {t("importance.share")}
                </Table.Th>
                <Table.Th scope="col" className={styles.number}>
                  {t("importance.importance")}
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.slice(0, shown).map(({ feature, place, importance: value, std, share }) => (
                <Table.Tr key={feature}>
                  <Table.Td className={styles.number}>{format.integer(place)}</Table.Td>
                  <Table.Th scope="row" fw={500} className={styles.text}>
                    {feature}
                  </Table.Th>
                  <Table.Td>
                    <ShareBar share={share} />
                  </Table.Td>
                  <Table.Td className={styles.number}>
                    {format.number(value, 3)}
                    {std !== null && (
                      <Text span c="dimmed" size="xs">
                        {` ± ${format.number(std, 2)}`}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
      {found.length > shown && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setShown(shown + 100)}>
            {t("common:loadMore")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
