import { Card, Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { DatasetName, EraseButton, useShape, Warnings, When } from "@/views/datasets/DatasetParts";
import type { ListProps } from "@/views/datasets/DatasetTable";

/** The table where there is no room for one. */
export function DatasetCards({ datasets, onErase }: ListProps) {
  const { t } = useTranslation("common");
  const format = useFormat();
  const shape = useShape();
  return (
    <Stack component="ul" aria-label={t("shell.datasets")} gap="sm" m={0} p={0} style={{ listStyle: "none" }}>
      {datasets.map((dataset) => (
        <Card component="li" key={dataset.id} withBorder padding="sm">
          <Group justify="space-between" align="flex-start" wrap="nowrap">
            <Stack gap={6} miw={0}>
              <div>
                <DatasetName dataset={dataset} />
              </div>
              <Group gap="xs">
                <StatusBadge status={dataset.status} />
                <Warnings count={dataset.warnings} />
              </Group>
              <Group gap="md" fz="sm" c="dimmed">
                {dataset.columns > 0 && <Text inherit>{shape(dataset)}</Text>}
                {dataset.size_bytes > 0 && <Text inherit>{format.bytes(dataset.size_bytes)}</Text>}
                <When iso={dataset.created_at} />
              </Group>
            </Stack>
            {onErase && <EraseButton dataset={dataset} onErase={onErase} />}
          </Group>
        </Card>
      ))}
    </Stack>
  );
}
