import { Anchor, List, Stack, Text } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/ui/EmptyState";

/** There is no step yet: what a recipe is, and where to begin. */
export function Beginning({
  datasetId,
  warnings,
  may,
}: {
  datasetId: string;
  warnings: number;
  may: boolean;
}) {
  const { t } = useTranslation("clean");
  return (
    <EmptyState icon={<IconWand size={28} />} title={t("empty.title")} text={t("empty.text")}>
      {may && (
        <Stack gap="xs" ta="left">
          <List size="sm" spacing={4} c="dimmed">
            <List.Item>{t("empty.order")}</List.Item>
            <List.Item>{t("empty.replay")}</List.Item>
            <List.Item>{t("empty.versions")}</List.Item>
          </List>
          {warnings > 0 && (
            <Text size="sm">
              <Anchor component={Link} to={`/datasets/${datasetId}`}>
                {t("empty.look", { count: warnings })}
              </Anchor>
            </Text>
          )}
        </Stack>
      )}
    </EmptyState>
  );
}
