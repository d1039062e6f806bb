import "@mantine/charts/styles.css";
import { BarChart, CompositeChart } from "@mantine/charts";
import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import { compare } from "@/views/dataset/clean/preview/distribution";

type ColumnProfile = Schemas["ColumnProfile"];
const MAX_LABEL = 18;

/** How the values of a column lie before and after. */
export function Distribution({ before, after }: { before: ColumnProfile; after: ColumnProfile | null }) {
  const { t } = useTranslation(["clean", "common"]);
  if (after && before.type !== after.type) {
    // Values of two types have no common axis.
    return (
      <>
        <Drawing before={before} after={null} title={t("distribution.beforeAs", typesOf(before))} />
        <Drawing before={null} after={after} title={t("distribution.afterAs", typesOf(after))} />
        <Figures before={before} after={after} />
      </>
    );
  }
  return (
    <>
      <Drawing before={before} after={after} title={t("distribution.title")} />
      {after ? (
        <Figures before={before} after={after} />
      ) : (
        <Text size="sm">{t("distribution.gone", { column: before.name })}</Text>
      )}
    </>
  );

  function typesOf({ type }: ColumnProfile) {
    return { type: t(`common:type.${type}`) };
  }
}

function Drawing({
  before,
  after,
  title,
}: {
  before: ColumnProfile | null;
  after: ColumnProfile | null;
  title: string;
}) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const found = compare(before, after);
  if (found.kind === "none") {
    return (
      <Text size="sm" c="dimmed">
        {t("distribution.none")}
      </Text>
    );
  }
  const isDate = (before ?? after)?.type === "date";
  const edge = (value: number) =>
    isDate ? format.date(new Date(value).toISOString()) : format.number(value, 4);
  const shown = (value: string | number | boolean) => {
    if (typeof value === "boolean") return t(`value.${value}`);
    if (typeof value === "number") return format.datum(value);
    return isDate ? format.date(value) : value;
  };
  const sides = (["before", "after"] as const).filter((side) => (side === "before" ? before : after));
  const series = {
    before: { name: "before", label: t("before"), color: "gray.6" },
    after: { name: "after", label: t("after"), color: "indigo.6" },
  };
  const rows: { label: string; before: number | null; after: number | null }[] =
    found.kind === "bins"
      ? found.bars.map(({ from, to, ...counts }) => ({
          label: t("distribution.range", { from: edge(from), to: edge(to) }),
          ...counts,
        }))
      : found.bars.map(({ value, ...counts }) => ({ label: shown(value), ...counts }));
  if (found.kind === "values" && (before?.missing || after?.missing)) {
    rows.push({
      label: t("missing"),
      before: before?.missing ?? null,
      after: after?.missing ?? null,
    });
  }
  return (
    <Figure
      title={title}
      summary={t(found.kind === "bins" ? "distribution.bins" : "distribution.values", { count: rows.length })}
      table={{
        head: [t("distribution.value"), ...sides.map((side) => t(side))],
        rows: rows.map((row) => [
          row.label,
          ...sides.map((side) => (row[side] === null ? "–" : format.integer(row[side]))),
        ]),
      }}
    >
      {found.kind === "bins" ? (
        <CompositeChart
          h={200}
          data={rows}
          dataKey="label"
          withLegend={sides.length > 1}
          withDots={false}
          legendProps={{ itemSorter: beforeFirst }}
          curveType="step"
          tickLine="none"
          xAxisProps={{ minTickGap: 30, tickFormatter: (label: string) => label.split(" – ")[0] ?? label }}
          valueFormatter={format.integer}
          series={sides.map((side) => ({ ...series[side], type: side === "before" ? "area" : "bar" }))}
        />
      ) : (
        <BarChart
          h={56 + rows.length * (sides.length > 1 ? 34 : 22)}
          data={rows}
          dataKey="label"
          orientation="vertical"
          withLegend={sides.length > 1}
          legendProps={{ itemSorter: beforeFirst }}
          gridAxis="x"
          tickLine="none"
          barProps={{ maxBarSize: 14 }}
          yAxisProps={{ width: 110, interval: 0, tickFormatter: cutLabel }}
          valueFormatter={format.integer}
          series={sides.map((side) => series[side])}
        />
      )}
    </Figure>
  );
}

function beforeFirst({ dataKey }: { dataKey?: unknown }): number {
  return dataKey === "before" ? 0 : 1;
}

function cutLabel(label: string): string {
  return label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
}

/** The figures of a column beside each other. */
function Figures({ before, after }: { before: ColumnProfile; after: ColumnProfile }) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const number = (value: unknown) => (typeof value === "number" ? format.datum(value) : "–");
  const date = (value: unknown) => (typeof value === "string" ? format.date(value) : "–");
  const rows: [string, string, string][] = [
    [t("figures.missing"), format.integer(before.missing), format.integer(after.missing)],
    [t("figures.distinct"), format.integer(before.distinct), format.integer(after.distinct)],
  ];
  if (before.type === "numeric" || after.type === "numeric") {
    for (const key of ["mean", "std", "min", "max"] as const) {
      rows.push([t(`figures.${key}`), number(before[key]), number(after[key])]);
    }
  }
  if (before.type === "date" || after.type === "date") {
    for (const key of ["first", "last"] as const) {
      rows.push([t(`figures.${key}`), date(before[key]), date(after[key])]);
    }
  }
  return (
    <Table fz="sm" verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("figures.of")}</Table.Th>
          <Table.Th ta="right">{t("before")}</Table.Th>
          <Table.Th ta="right">{t("after")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, was, is]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={400}>
              {name}
            </Table.Th>
            <Table.Td ta="right">{was}</Table.Td>
            <Table.Td ta="right" fw={was === is ? 400 : 650}>
              {is}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
