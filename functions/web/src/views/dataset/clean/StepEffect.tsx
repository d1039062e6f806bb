import { Anchor, Badge, Group, List, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { type Estimate, estimatesOf, isMoment, shorten } from "@/views/dataset/clean/estimates";

/** What a step changed when it was tried, and what it worked out from the data. */
export function StepEffect({ effect }: { effect: Schemas["StepEffect"] }) {
  const { t } = useTranslation("clean");
  const rows = effect.rows_before - effect.rows_after;
  const columns = effect.columns_before - effect.columns_after;
  const filled = effect.cells_changed - effect.cells_made_missing;
  const parts = [
    rows > 0 && t("effect.rows", { count: rows }),
    columns > 0 && t("effect.columns", { count: columns }),
    filled > 0 && t("effect.cells", { count: filled }),
    effect.cells_made_missing > 0 &&
      t("effect.missing", {
        count: effect.cells_made_missing,
      }),
  ].filter((part): part is string => part !== false);
  const estimates = estimatesOf(effect.estimated);
  return (
    <>
      <Group gap={4}>
        {parts.map((part) => (
          <Badge
            key={part}
            variant="light"
            color="teal"
            size="sm"
            tt="none"
            fw={550}
            h="auto"
            styles={{ label: { whiteSpace: "normal" } }}
          >
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
      {estimates.length > 0 && <Estimates estimates={estimates} total={effect.estimated_total} />}
    </>
  );
}

/** What was worked out; of much only the beginning until the rest is asked for. */
function Estimates({ estimates, total }: { estimates: readonly Estimate[]; total: number }) {
  const { t } = useTranslation("clean");
  const [isWhole, setWhole] = useState(false);
  const short = shorten(estimates);
  const shown = isWhole ? estimates : short;
  const left = total - estimates.length;
  return (
    <>
      <List size="xs" c="dimmed" listStyleType="none" styles={{ itemLabel: { overflowWrap: "anywhere" } }}>
        {shown.map((estimate) => (
          <List.Item key={estimate.column}>
            <EstimateText estimate={estimate} />
          </List.Item>
        ))}
        {isWhole && left > 0 && <List.Item>{t("estimate.others", { count: left })}</List.Item>}
      </List>
      {(short !== estimates || left > 0) && (
        <Anchor
          component="button"
          type="button"
          size="xs"
          ta="left"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? t("estimate.less") : t("estimate.more")}
        </Anchor>
      )}
    </>
  );
}

function EstimateText({ estimate }: { estimate: Estimate }) {
  const { t, i18n } = useTranslation("clean");
  const format = useFormat();
  const shown = (value: string | number) => {
    if (typeof value === "number") return format.number(value, 6);
    return isMoment(value) ? format.date(value) : value;
  };
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
