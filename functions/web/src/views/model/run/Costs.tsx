import { Button, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useLocale } from "@/i18n/locale";
import { costOf, dollars, together } from "./costs";

// Each estimate stands in a report, which may be large.
const AT_ONCE = 8;

/** What the trainings of the versions are estimated to have cost. */
export function Costs({ model }: { model: Schemas["ModelView"] }) {
  const { t } = useTranslation("run");
  const locale = useLocale();
  const format = useFormat();
  const [most, setMost] = useState(AT_ONCE);
  const versions = model.versions.slice(0, most);
  const rest = model.versions.length - versions.length;
  const reports = useQueries({
    queries: versions.map((version) =>
      $api.queryOptions(
        "get",
        "/models/{name}/versions/{version}/report",
        { params: { path: { name: model.name, version: String(version.version) } } },
        { staleTime: Number.POSITIVE_INFINITY },
      ),
    ),
  });
  const costs = reports.map((report) => costOf(report.data));
  const isPending = reports.some((report) => report.isPending);
  return (
    <Stack component="section" gap="xs">
      <Title order={2} size="h4">
        {t("costs.title")}
      </Title>
      <Text size="sm" role="status">
        {isPending
          ? t("costs.waiting")
          : t("costs.together", { count: versions.length, usd: dollars(together(costs), locale) })}
      </Text>
      <Table maw={560} aria-label={t("costs.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("versions.version")}</Table.Th>
            <Table.Th ta="right">{t("costs.time")}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t("costs.memory")}
            </Table.Th>
            <Table.Th ta="right">{t("costs.estimate")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version, place) => {
            const cost = costs[place];
            return (
              <Table.Tr key={version.version}>
                <Table.Td>{t("gate.version", { number: version.version })}</Table.Td>
                <Table.Td ta="right">{cost ? format.duration(cost.seconds) : "–"}</Table.Td>
                <Table.Td ta="right" visibleFrom="sm">
                  {cost ? format.bytes(cost.memoryGb * 1e9) : "–"}
                </Table.Td>
                <Table.Td ta="right">
                  {cost ? dollars(cost.usd, locale) : reports[place]?.isPending ? "…" : t("costs.unknown")}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {rest > 0 && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setMost(most + AT_ONCE)}>
            {t("costs.more", { count: Math.min(rest, AT_ONCE) })}
          </Button>
        </Group>
      )}
      <Text size="xs" c="dimmed">
        {t("costs.basis")}
      </Text>
    </Stack>
  );
}
