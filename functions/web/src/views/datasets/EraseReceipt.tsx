import { Group, Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { StatusBadge } from "@/ui/StatusBadge";

/** What an erasure has deleted so far; the numbers grow while it is looked at. */
export function EraseReceipt({ receipt }: { receipt: Schemas["Receipt"] }) {
  const { t } = useTranslation("datasets");
  const format = useFormat();
  const { data = receipt } = $api.useQuery(
    "get",
    "/erasures/{erasure_id}",
    { params: { path: { erasure_id: receipt.id } } },
    {
      initialData: receipt,
      // Files go within minutes, so that there is no hurry.
      refetchInterval: (query) => pollWhile([query.state.data?.status ?? "PENDING"]) && 10_000,
    },
  );
  const rows = [
    [t("erase.receipt.versions"), format.integer(data.versions)],
    [t("erase.receipt.files"), format.integer(data.objects)],
    [t("erase.receipt.bytes"), format.bytes(data.bytes)],
    [t("erase.receipt.entries"), format.integer(data.items)],
    [t("erase.receipt.mlflow"), t(`erase.receipt.mlflowStates.${data.mlflow}`)],
  ] as const;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <StatusBadge status={data.status} />
      </Group>
      <Text size="sm" role="status">
        {t(data.status === "COMPLETE" ? "erase.receipt.complete" : "erase.receipt.pending")}
      </Text>
      <Table variant="vertical" layout="fixed" withTableBorder fz="sm">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" w="60%">
                {label}
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
