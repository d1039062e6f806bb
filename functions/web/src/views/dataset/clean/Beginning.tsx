import { Anchor, List, Stack, Text } from "@mantine/core";
import { IconWand } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState } from "@/ui/EmptyState";

/** There is no step yet: what a recipe is, and where to begin. */
export function Beginning({
  datasetId,
  warnings,
  add,
}: {
  datasetId: string;
  warnings: number;
  /** The way to the first step; absent for those who may only read. */
  add: ReactNode;
}) {
  const { t } = useTranslation("clean");
  return (
    <EmptyState icon={<IconWand size={28} />} title={t("empty.title")} text={t("empty.text")}>
      {add && (
        <Stack ta="left" align="center">
          {add}
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
