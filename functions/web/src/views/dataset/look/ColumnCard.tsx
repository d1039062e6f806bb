import { Anchor, Badge, Card, Group, Progress, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconTrash } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "@/i18n/format";
import classes from "@/views/dataset/look/ColumnCard.module.css";
import { KindBadge } from "@/views/dataset/look/KindBadge";
import type { Column } from "@/views/dataset/look/profile";
import { Spark, TopBars } from "@/views/dataset/look/Spark";
import { useDatumText } from "@/views/dataset/look/useDatumText";

const BARS = 3;

/** A column at a glance; the whole card leads to its detail. */
export const ColumnCard = memo(function ColumnCard({
  column,
  rows,
  warnings,
  association,
  isDropped,
  to,
}: {
  column: Column;
  rows: number;
  warnings: number;
  association: number | undefined;
  isDropped: boolean;
  to: string;
}) {
  const { t } = useTranslation("look");
  const format = useFormat();
  return (
    <Card component="article" withBorder padding="sm" className={classes.card ?? ""}>
      <Stack gap="xs" h="100%">
        <Group gap="xs" wrap="nowrap" justify="space-between" align="flex-start">
          <Anchor
            component={Link}
            to={to}
            preventScrollReset
            className={classes.name ?? ""}
            title={column.name}
          >
            {column.name}
          </Anchor>
          <KindBadge kind={column.type} />
        </Group>
        <div className={classes.chart}>
          <CardChart column={column} rows={rows} />
        </div>
        <Group gap="xs" wrap="nowrap">
          <Text
            size="xs"
            c={column.missing > 0 ? "var(--mantine-color-text)" : "dimmed"}
            className={classes.missing ?? ""}
          >
            {t("card.missing", { share: format.percent(column.missing_share) })}
          </Text>
          <Progress
            value={column.missing_share * 100}
            color="orange"
            size="sm"
            flex={1}
            aria-hidden
            className={classes.progress ?? ""}
          />
        </Group>
        <Group gap="xs" justify="space-between">
          <Text size="xs" c="dimmed">
            {t("card.distinct", { count: column.distinct })}
          </Text>
          <Text size="xs" c="dimmed" mr="auto">
            {(column.outliers?.count ?? 0) > 0 &&
              t("card.outliers", {
                count: column.outliers?.count ?? 0,
              })}
          </Text>
          <Group gap={4}>
            {association !== undefined && (
              <Badge size="sm" variant="default" tt="none">
                {t("card.association", { value: format.number(association, 2) })}
              </Badge>
            )}
            {warnings > 0 && (
              <Badge
                size="sm"
                variant="default"
                tt="none"
                leftSection={<IconAlertTriangle size={11} color="var(--mantine-color-orange-6)" />}
              >
                {t("card.warnings", { count: warnings })}
              </Badge>
            )}
            {isDropped && (
              <Badge size="sm" variant="default" tt="none" leftSection={<IconTrash size={10} />}>
                {t("card.dropped")}
              </Badge>
            )}
          </Group>
        </Group>
      </Stack>
    </Card>
  );
});

function CardChart({ column, rows }: { column: Column; rows: number }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const datumText = useDatumText();
  if (column.distinct === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("card.empty")}
      </Text>
    );
  }
  if (column.histogram !== undefined) {
    const isDate = column.type === "date";
    const low = datumText((isDate ? column.first : column.min) ?? "", isDate);
    const high = datumText((isDate ? column.last : column.max) ?? "", isDate);
    return (
      <>
        <Spark column={column} label={t("card.histogram", { low, high })} />
        <Group justify="space-between" gap="xs" wrap="nowrap" fz="xs" c="dimmed">
          <span>{low}</span>
          <span>{high}</span>
        </Group>
      </>
    );
  }
  const isText = column.type === "text" || (column.top?.[0]?.count ?? 0) <= 1;
  if (isText && column.length !== undefined) {
    const { min, mean, max } = column.length;
    return (
      <Stack gap={4}>
        <Text size="xs" c="dimmed">
          {t("card.lengths", {
            min: format.integer(min),
            mean: format.number(mean, 3),
            max: format.integer(max),
          })}
        </Text>
        {column.top?.slice(0, 2).map((item) => (
          <Text key={String(item.value)} size="xs" lineClamp={1} fs="italic" title={String(item.value)}>
            {datumText(item.value)}
          </Text>
        ))}
      </Stack>
    );
  }
  const items = (column.top ?? []).slice(0, BARS).map((item) => ({
    key: String(item.value),
    text: datumText(item.value),
    count: item.count,
    share: format.percent(item.count / rows),
  }));
  return <TopBars items={items} rows={rows} />;
}
