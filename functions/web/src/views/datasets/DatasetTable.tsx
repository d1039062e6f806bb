import { Table, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { DatasetName, EraseButton, useShape, Warnings, When } from "@/views/datasets/DatasetParts";
import type { DatasetView } from "@/views/datasets/useDatasets";

export type ListProps = {
  datasets: readonly DatasetView[];
  /** Null where the role erases nothing. */
  onErase: ((dataset: DatasetView) => void) | null;
};

export function DatasetTable({ datasets, onErase }: ListProps) {
  const { t } = useTranslation(["datasets", "common"]);
  const format = useFormat();
  const shape = useShape();
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table verticalSpacing="sm" aria-label={t("common:shell.datasets")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("columns.name")}</Table.Th>
            <Table.Th>{t("columns.status")}</Table.Th>
            <Table.Th ta="right">{t("columns.shape")}</Table.Th>
            <Table.Th ta="right">{t("columns.size")}</Table.Th>
            <Table.Th>{t("columns.warnings")}</Table.Th>
            <Table.Th>{t("columns.added")}</Table.Th>
            {onErase && (
              <Table.Th>
                <VisuallyHidden>{t("columns.actions")}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {datasets.map((dataset) => (
            <Table.Tr key={dataset.id}>
              <Table.Td maw={380}>
                <DatasetName dataset={dataset} />
              </Table.Td>
              <Table.Td>
                <StatusBadge status={dataset.status} />
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
                {shape(dataset)}
              </Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
                {dataset.size_bytes > 0 && format.bytes(dataset.size_bytes)}
              </Table.Td>
              <Table.Td>
                <Warnings count={dataset.warnings} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: "nowrap" }}>
                <When iso={dataset.created_at} />
              </Table.Td>
              {onErase && (
                <Table.Td ta="right">
                  <EraseButton dataset={dataset} onErase={onErase} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
