import { Badge, Group, List, Spoiler, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { type Estimate, estimatesOf } from "@/views/dataset/clean/estimates";

/** What a step changed when it was tried, and what it worked out from the data. */
export function StepEffect({ effect }: { effect: Schemas["StepEffect"] }) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const rows = effect.rows_before - effect.rows_after;
  const columns = effect.columns_before - effect.columns_after;
  const filled = effect.cells_changed - effect.cells_made_missing;
  const parts = [
    rows > 0 && t("effect.rows", { count: rows, number: format.integer(rows) }),
    columns > 0 && t("effect.columns", { count: columns, number: format.integer(columns) }),
    filled > 0 && t("effect.cells", { count: filled, number: format.integer(filled) }),
    effect.cells_made_missing > 0 &&
      t("effect.missing", {
        count: effect.cells_made_missing,
        number: format.integer(effect.cells_made_missing),
      }),
  ].filter((part): part is string => part !== false);
  const estimates = estimatesOf(effect.estimated);
  return (
    <>
      <Group gap={4}>
        {parts.map((part) => (
          <Badge key={part} variant="light" color="teal" size="sm" tt="none" fw={550}>
            {part}
          </Badge>
        ))}
        {parts.length === 0 && (
          <Text size="xs" c="dimmed">
            {effect.name === "rename" || effect.name === "change_type" || effect.name === "parse_dates"
              ? t("effect.noCell")
              : t("effect.nothing")}
          </Text>
        )}
      </Group>
      {estimates.length > 0 && (
        <Spoiler maxHeight={66} showLabel={t("estimate.more")} hideLabel={t("estimate.less")} fz="xs">
          <List size="xs" c="dimmed" listStyleType="none">
            {estimates.map((estimate) => (
              <List.Item key={estimate.column}>
                <EstimateText estimate={estimate} />
              </List.Item>
            ))}
            {effect.estimated_total > estimates.length && (
              <List.Item>
                {t("estimate.others", { count: effect.estimated_total - estimates.length })}
              </List.Item>
            )}
          </List>
        </Spoiler>
      )}
    </>
  );
}

function EstimateText({ estimate }: { estimate: Estimate }) {
  const { t, i18n } = useTranslation("clean");
  const format = useFormat();
  const shown = (value: string | number) => (typeof value === "number" ? format.number(value, 6) : value);
  const { column } = estimate;
  if (estimate.kind === "bounds") {
    const { lower, upper } = estimate;
    if (lower !== null && upper !== null) {
      return t("estimate.both", { column, lower: shown(lower), upper: shown(upper) });
    }
    return lower !== null
      ? t("estimate.lower", { column, lower: shown(lower) })
      : t("estimate.upper", { column, upper: upper === null ? "" : shown(upper) });
  }
  if (estimate.groups.length === 0) {
    return t("estimate.value", { column, value: shown(estimate.value) });
  }
  const groups = estimate.groups.map(({ group, value }) =>
    t("estimate.group", { group: shown(group), value: shown(value) }),
  );
  const left = estimate.groupCount - groups.length;
  const entries = left > 0 ? [...groups, t("estimate.moreGroups", { count: left })] : groups;
  return t("estimate.groups", {
    column,
    groups: new Intl.ListFormat(i18n.language, { type: "unit" }).format(entries),
    value: shown(estimate.value),
  });
}
