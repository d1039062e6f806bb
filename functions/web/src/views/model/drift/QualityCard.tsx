import { Badge, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconClockHour4, IconHelp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { byDay, leading, type Quality, qualityWindow, rowsOf } from "./quality";

const STATUS = {
  as_expected: { color: "green", Icon: IconCheck },
  worse: { color: "red", Icon: IconAlertTriangle },
  too_few: { color: "blue", Icon: IconClockHour4 },
  not_comparable: { color: "gray", Icon: IconHelp },
} as const;

/** How good the version is on what came true of its predictions, beside what it was on its holdout. */
export function QualityCard({ quality, days }: { quality: Quality; days: number | null }) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  const { nameOf, formatValue } = useMetricTexts();
  const window = qualityWindow(quality, days);
  if (!window) {
    return null;
  }
  const { color, Icon } = STATUS[window.status];
  const metric = leading(quality, window);
  const named = (written: string) => (written === "bias" ? t("quality.bias") : nameOf(written));
  return (
    <Paper withBorder p="md" maw={760} component="section" aria-labelledby="quality">
      <Stack gap="sm">
        <Group gap="xs">
          <Title order={2} size="h4" id="quality">
            {t("quality.title")}
          </Title>
          {window.outcomes > 0 && (
            <Badge color={color} variant="light" tt="none" leftSection={<Icon size={12} />}>
              {t(`quality.status.${window.status}`)}
            </Badge>
          )}
        </Group>
        {window.outcomes === 0 ? (
          <Text size="sm">{t("quality.none")}</Text>
        ) : (
          <Text size="sm">
            {t("quality.outcomes", {
              count: window.outcomes,
              days: window.days,
            })}{" "}
            {window.status === "too_few" &&
              t("quality.least", { least: format.integer(Number(quality.thresholds.minimum_outcomes)) })}
          </Text>
        )}
        {metric !== null && (
          <Table.ScrollContainer minWidth={320}>
            <Table fz="sm" aria-label={t("quality.title")}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("quality.figure")}</Table.Th>
                  <Table.Th ta="right">{t("quality.live")}</Table.Th>
                  <Table.Th ta="right">{t("quality.training")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rowsOf(quality, window).map((row) => (
                  <Table.Tr key={row.metric}>
                    <Table.Td>{named(row.metric)}</Table.Td>
                    <Table.Td ta="right">
                      <Text span size="sm" {...(row.isWorse ? { fw: 700 } : {})}>
                        {formatValue(row.metric, row.live)}
                      </Text>
                      {row.interval && (
                        <Text size="xs" c="dimmed">
                          {t("quality.interval", {
                            low: formatValue(row.metric, row.interval.low),
                            high: formatValue(row.metric, row.interval.high),
                          })}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td ta="right">{formatValue(row.metric, row.training)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {metric !== null && (
          <Table.ScrollContainer minWidth={320} mah={260}>
            <Table fz="sm" aria-label={t("quality.byDay")}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("quality.day")}</Table.Th>
                  <Table.Th ta="right">{t("quality.count")}</Table.Th>
                  <Table.Th ta="right">{named(metric)}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {byDay(quality, window, metric).map((day) => (
                  <Table.Tr key={day.date}>
                    <Table.Td>{format.date(`${day.date}T12:00:00`)}</Table.Td>
                    <Table.Td ta="right">{format.integer(day.outcomes)}</Table.Td>
                    <Table.Td ta="right">{formatValue(metric, day.value)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
      </Stack>
    </Paper>
  );
}
