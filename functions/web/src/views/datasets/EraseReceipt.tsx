import { Group, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { ReceiptFacts } from "@/ui/ReceiptFacts";
import { StatusBadge } from "@/ui/StatusBadge";

/** What an erasure has deleted so far; the numbers grow while it is looked at. */
export function EraseReceipt({ receipt }: { receipt: Schemas["Receipt"] }) {
  const { t } = useTranslation("datasets");
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
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <StatusBadge status={data.status} />
      </Group>
      <Text size="sm" role="status">
        {t(data.status === "COMPLETE" ? "erase.receipt.complete" : "erase.receipt.pending")}
      </Text>
      <ReceiptFacts receipt={data} />
    </Stack>
  );
}
