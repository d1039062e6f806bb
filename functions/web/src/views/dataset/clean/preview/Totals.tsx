import { Group, Paper, SimpleGrid, Text, VisuallyHidden } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";

/** Rows, columns and missing cells before and after. */
export function Totals({ effect }: { effect: Schemas["Effect"] }) {
  const { t } = useTranslation("clean");
  return (
    <SimpleGrid cols={3} spacing="xs">
      <Total label={t("totals.rows")} before={effect.rows_before} after={effect.rows_after} />
      <Total label={t("totals.columns")} before={effect.columns_before} after={effect.columns_after} />
      <Total label={t("totals.missing")} before={effect.missing_before} after={effect.missing_after} />
    </SimpleGrid>
  );
}

function Total({ label, before, after }: { label: string; before: number; after: number }) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const isSame = before === after;
  const change = after - before;
  return (
    <Paper withBorder p="xs">
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Group gap={6} align="center" wrap="wrap">
        {!isSame && (
          <>
            <VisuallyHidden>{t("before")}</VisuallyHidden>
            <Text size="sm" c="dimmed">
              {format.integer(before)}
            </Text>
            <IconArrowRight size={14} aria-hidden />
            <VisuallyHidden>{t("after")}</VisuallyHidden>
          </>
        )}
        <Text fw={650}>{format.integer(after)}</Text>
      </Group>
      <Text size="xs" c="dimmed">
        {isSame
          ? t("totals.same")
          : t(change > 0 ? "totals.more" : "totals.fewer", { number: format.integer(Math.abs(change)) })}
      </Text>
    </Paper>
  );
}
