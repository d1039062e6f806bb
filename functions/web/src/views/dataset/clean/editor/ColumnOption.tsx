import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ColumnType } from "@/recipes/columns";

/** A column among those that can be chosen, with its type. */
export function ColumnOption({ name, type }: { name: string; type: ColumnType | undefined }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" w="100%">
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {name}
      </Text>
      {type && (
        <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          {t(`type.${type}`)}
        </Text>
      )}
    </Group>
  );
}
