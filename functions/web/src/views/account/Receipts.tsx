import { Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { itemsOf, PAGES } from "@/api/pages";
import { pollWhile } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { LoadMore } from "@/ui/LoadMore";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ReceiptFacts } from "@/ui/ReceiptFacts";
import { StatusBadge } from "@/ui/StatusBadge";

// The last sweep comes an hour later: nobody waits for it by the second.
const SLOWER = 4;

/** Receipts of what was erased, newest first. */
export function Receipts() {
  const { t } = useTranslation(["account", "common"]);
  const receipts = $api.useInfiniteQuery(
    "get",
    "/erasures",
    {},
    {
      ...PAGES,
      refetchInterval: (query) => {
        const pages = query.state.data?.pages ?? [];
        const every = pollWhile(pages.flatMap((page) => page.items.map((item) => item.status)));
        return every && every * SLOWER;
      },
    },
  );
  const items = itemsOf(receipts.data, (receipt) => receipt.id);
  return (
    <Card withBorder component="section">
      <Stack gap="md">
        <Stack gap={2}>
          <Title order={2} size="h4">
            {t("receipts.title")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("receipts.text")}
          </Text>
        </Stack>
        {receipts.isPending && <Skeleton height={60} aria-hidden />}
        {receipts.isError && <ProblemAlert error={receipts.error} onRetry={() => receipts.refetch()} />}
        {receipts.isSuccess && items.length === 0 && <Text size="sm">{t("receipts.none")}</Text>}
        {items.length > 0 && (
          <Stack component="ul" p={0} m={0} gap="md" style={{ listStyle: "none" }}>
            {items.map((receipt) => (
              <ReceiptItem key={receipt.id} receipt={receipt} />
            ))}
          </Stack>
        )}
        <LoadMore query={receipts} />
      </Stack>
    </Card>
  );
}

function ReceiptItem({ receipt }: { receipt: Schemas["Receipt"] }) {
  const { t } = useTranslation(["account", "models", "common"]);
  const format = useFormat();
  return (
    <Stack component="li" gap={4}>
      <Group gap="sm">
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
          {t(`receipts.kind.${receipt.kind}`, { name: receipt.name_or_id })}
        </Text>
        <StatusBadge status={receipt.status} />
      </Group>
      <Text size="sm" c="dimmed">
        {receipt.completed_at
          ? t("receipts.from", {
              requested: format.dateTime(receipt.requested_at),
              completed: format.dateTime(receipt.completed_at),
            })
          : t("receipts.since", { requested: format.dateTime(receipt.requested_at) })}
      </Text>
      <ReceiptFacts receipt={receipt} />
    </Stack>
  );
}
