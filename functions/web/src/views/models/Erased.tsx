import { Alert, Anchor, Group, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ReceiptFacts } from "@/ui/ReceiptFacts";
import { StatusBadge } from "@/ui/StatusBadge";

/** Receipt of the erasure that has just been ordered; it goes on by itself. */
export function Erased({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation(["models", "common"]);
  const receipt = $api.useQuery(
    "get",
    "/erasures/{erasure_id}",
    { params: { path: { erasure_id: id } } },
    { refetchInterval: (query) => (query.state.data ? pollWhile([query.state.data.status]) : false) },
  );
  if (receipt.isError) {
    return <ProblemAlert error={receipt.error} />;
  }
  if (receipt.isPending) {
    return null;
  }
  return (
    <Alert
      icon={<IconTrash />}
      color="blue"
      role="status"
      title={t("erase.done", { name: receipt.data.name_or_id })}
      withCloseButton
      closeButtonLabel={t("common:close")}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text size="sm">{t("erase.goesOn")}</Text>
        <Group gap="sm">
          <StatusBadge status={receipt.data.status} />
          <ReceiptFacts receipt={receipt.data} />
        </Group>
        <Anchor component={Link} to="/account" size="sm">
          {t("erase.receipts")}
        </Anchor>
      </Stack>
    </Alert>
  );
}
