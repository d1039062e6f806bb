import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";

/** What an erasure has deleted so far, and what of it MLflow had. */
export function ReceiptFacts({ receipt }: { receipt: Schemas["Receipt"] }) {
  const { t } = useTranslation("models");
  const format = useFormat();
  const facts = [
    t("receipt.versions", { count: receipt.versions }),
    t("receipt.objects", {
      count: receipt.objects,
      bytes: format.bytes(receipt.bytes),
    }),
    t("receipt.items", { count: receipt.items }),
    t(`receipt.mlflow.${receipt.mlflow}`),
  ];
  return (
    <Group gap="xs" component="ul" p={0} m={0} style={{ listStyle: "none" }}>
      {facts.map((fact, place) => (
        <Text key={fact} component="li" size="sm">
          {fact}
          {place < facts.length - 1 && <span aria-hidden> ·</span>}
        </Text>
      ))}
    </Group>
  );
}
