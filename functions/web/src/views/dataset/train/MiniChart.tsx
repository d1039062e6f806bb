import { Group, Stack, Text } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import classes from "@/views/dataset/train/MiniChart.module.css";
import type { Column } from "@/views/dataset/train/task";

const SHOWN = 4;

/** What a column holds, at a glance: its distribution, or the shares of its values. */
export function MiniChart({ column, rows }: { column: Column; rows: number }) {
  const { t } = useTranslation(["train", "common"]);
  const format = useFormat();
  const { histogram, top } = column;
  if (histogram && column.type === "numeric" && column.distinct > SHOWN) {
    const highest = Math.max(1, ...histogram.counts);
    const low = format.number(Number(column.min), 3);
    const high = format.number(Number(column.max), 3);
    return (
      <Stack gap={2} role="img" aria-label={t("chart.histogram", { name: column.name, low, high })}>
        <div className={classes.histogram}>
          {histogram.counts.map((count, bin) => (
            <div
              key={String(histogram.edges[bin])}
              className={classes.bin}
              style={{ height: `${(100 * count) / highest}%` }}
            />
          ))}
        </div>
        <Group justify="space-between" fz="xs" c="dimmed">
          <span>{low}</span>
          <span>{high}</span>
        </Group>
      </Stack>
    );
  }
  const present = Math.max(1, rows - column.missing);
  const shown = (top ?? []).slice(0, SHOWN);
  const others = column.distinct - shown.length;
  return (
    <div className={classes.levels} role="img" aria-label={t("chart.shares", { name: column.name })}>
      {shown.map(({ value, count }) => (
        <Fragment key={String(value)}>
          <Text size="xs" truncate>
            {typeof value === "boolean" ? t(`common:value.${value}`) : String(value)}
          </Text>
          <div className={classes.track}>
            <div className={classes.bar} style={{ width: `${(100 * count) / present}%` }} />
          </div>
          <Text size="xs" c="dimmed" ta="right">
            {format.percent(count / present, 0)}
          </Text>
        </Fragment>
      ))}
      {others > 0 && (
        <Text size="xs" c="dimmed">
          {t("chart.others", { count: others })}
        </Text>
      )}
    </div>
  );
}
