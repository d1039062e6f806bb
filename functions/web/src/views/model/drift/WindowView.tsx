import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { DistributionFigure } from "./DistributionFigure";
import { DriftBadge } from "./DriftBadge";
import type { Sort } from "./drift";
import { FeatureTable } from "./FeatureTable";

const STATUSES = ["drifted", "watch", "ok"] as const;

/** What was found in one window: its features, and the predictions. */
export function WindowView({
  window,
  type,
  sort,
  ascending,
  onSort,
  onOpen,
}: {
  window: Schemas["DriftWindow"];
  type: "classification" | "regression";
  sort: Sort;
  ascending: boolean;
  onSort: (sort: Sort, ascending: boolean) => void;
  onOpen: (feature: string) => void;
}) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  const all = STATUSES.reduce((sum, status) => sum + (window.features_by_status[status] ?? 0), 0);
  if (window.status === "too_few") {
    return (
      <Text size="sm" role="status">
        {t("window.tooFew", { rows: format.integer(window.rows), days: window.days })}
      </Text>
    );
  }
  return (
    <Stack gap="xl">
      {window.predictions && (
        <Stack component="section" gap="xs">
          <Group gap="xs">
            <Title order={2} size="h4">
              {t("predictions.title")}
            </Title>
            <DriftBadge status={window.predictions.status} />
          </Group>
          <Paper withBorder p="md" maw={760}>
            <DistributionFigure title={t(`predictions.${type}`)} bins={window.predictions.bins} type={null} />
          </Paper>
        </Stack>
      )}
      <Stack component="section" gap="xs">
        <Title order={2} size="h4">
          {t("table.title")}
        </Title>
        <Group gap="md">
          {STATUSES.map((status) => (
            <Group key={status} gap={6}>
              <DriftBadge status={status} />
              <Text size="sm">{format.integer(window.features_by_status[status] ?? 0)}</Text>
            </Group>
          ))}
        </Group>
        {all > window.features.length && (
          <Text size="sm" c="dimmed">
            {t("table.worst", { count: window.features.length, all: format.integer(all) })}
          </Text>
        )}
        <FeatureTable
          features={window.features}
          sort={sort}
          ascending={ascending}
          onSort={onSort}
          onOpen={onOpen}
        />
      </Stack>
    </Stack>
  );
}
