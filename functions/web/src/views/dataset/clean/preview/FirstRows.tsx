import { Skeleton, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import type { StepColumn } from "@/recipes/columns";
import { ProblemAlert } from "@/ui/ProblemAlert";
import classes from "@/views/dataset/clean/preview/FirstRows.module.css";
import { type Cell, cellsOf, spanOf } from "@/views/dataset/clean/preview/rows";
import { useCellText } from "@/views/dataset/rows/useCellText";

const ROWS = 8;
const MAX_COLUMNS = 40;
const MAX_BEFORE = 200;
// Beyond them stands what arithmetic leaves, as in 0.30000000000000004.
const DIGITS = 10;

/** The first rows that are left; what a step changed in them stands beside what it was. */
export function FirstRows({
  datasetId,
  version,
  columns,
  touched,
}: {
  datasetId: string;
  version: number;
  columns: readonly StepColumn[];
  /** What steps name, by the names in the file. */
  touched: ReadonlySet<string>;
}) {
  const { t } = useTranslation("clean");
  const format = useFormat();
  const path = { dataset_id: datasetId };
  const after = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/preview",
    { params: { path, query: { recipe: version, limit: ROWS } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const rows = after.data?.rows ?? [];
  const before = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/preview",
    { params: { path, query: rows.length > 0 ? spanOf(rows, MAX_BEFORE) : {} } },
    { enabled: rows.length > 0, staleTime: Number.POSITIVE_INFINITY },
  );
  if (after.isPending) {
    return <Skeleton h={220} />;
  }
  if (after.isError) {
    return <ProblemAlert error={after.error} onRetry={() => after.refetch()} />;
  }
  const origins = new Map(columns.map(({ name, origin }) => [name, origin]));
  const places = after.data.columns.map((_, place) => place);
  // What has changed must not be looked for.
  const isTouched = (place: number) =>
    touched.has(origins.get(after.data.columns[place]?.name ?? "") ?? "") ? 0 : 1;
  const shown = places.toSorted((left, right) => isTouched(left) - isTouched(right)).slice(0, MAX_COLUMNS);
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t("rows.title")}
      </Title>
      <Table.ScrollContainer
        minWidth={0}
        mah={420}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": t("rows.title"), role: "region" } }}
      >
        <Table fz="xs" withTableBorder striped verticalSpacing={4} className={classes.table ?? ""}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th ta="right">{t("rows.row")}</Table.Th>
              {shown.map((place) => (
                <Table.Th key={place} className={classes.head ?? ""} title={after.data.columns[place]?.name}>
                  {after.data.columns[place]?.name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => {
              const cells = cellsOf(row, after.data, before.data, columns);
              return (
                <Table.Tr key={row.row}>
                  <Table.Th scope="row" ta="right" fw={400} c="dimmed">
                    {format.integer(row.row + 1)}
                  </Table.Th>
                  {shown.map((place) => {
                    const cell = cells[place];
                    return (
                      <Table.Td key={place}>
                        {cell?.was !== undefined && (
                          <Text component="del" fz="xs" c="dimmed" td="line-through" mr={6}>
                            <VisuallyHidden>{t("rows.was")} </VisuallyHidden>
                            <CellText value={cell.was} />
                          </Text>
                        )}
                        <Text span fz="xs" fw={cell?.was === undefined ? 400 : 650}>
                          <CellText value={cell?.value ?? null} />
                        </Text>
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {t("rows.help")}
        {places.length > MAX_COLUMNS &&
          ` ${t("rows.more", { shown: MAX_COLUMNS, all: format.integer(places.length) })}`}
      </Text>
    </Stack>
  );
}

function CellText({ value }: { value: Cell }) {
  const { t } = useTranslation("clean");
  const textOf = useCellText();
  if (value === null) {
    return (
      <Text span fz="xs" c="dimmed" fs="italic">
        {t("missing")}
      </Text>
    );
  }
  if (typeof value === "number") return textOf(Number(value.toPrecision(DIGITS)));
  if (typeof value === "boolean") return textOf(value);
  const plain = value.replace(/^(\d{4}-\d{2}-\d{2})T00:00:00$/, "$1");
  return <span className={classes.text ?? ""}>{plain}</span>;
}
