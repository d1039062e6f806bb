import { Group, NativeSelect, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { useRecipeVersion, VersionSelect } from "@/recipes/VersionSelect";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useTitle } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";
import { useDataset } from "@/views/dataset/Dataset";
import { ColumnChooser, useHiddenColumns } from "@/views/dataset/rows/ColumnChooser";
import { Grid } from "@/views/dataset/rows/Grid";
import { arrange } from "@/views/dataset/rows/rows";
import { useCellText } from "@/views/dataset/rows/useCellText";
import { useRows } from "@/views/dataset/rows/useRows";

/** The first rows, as a table that can be sorted and searched. */
export function Rows() {
  const { t } = useTranslation("look");
  const format = useFormat();
  const dataset = useDataset();
  useTitle(t("rows.title", { file: dataset.file_name }));
  const recipe = useRecipeVersion();
  const cellText = useCellText();
  const [params, setParams] = useSearchParams();
  const text = params.get("find") ?? "";
  const within = params.get("in");
  const isLacking = params.has("lacking");
  const sort = params.get("sort");
  const isArranged = text !== "" || isLacking || sort !== null;
  const pages = useRows(dataset.id, recipe, isArranged);
  const [hidden, setHidden] = useHiddenColumns(dataset.id);
  const first = pages.data?.pages[0];
  const columns = useMemo(() => first?.columns ?? [], [first]);
  const loaded = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data]);
  const sortPlace = columns.findIndex((column) => column.name === sort);
  const findPlace = columns.findIndex((column) => column.name === within);
  const isDescending = params.get("order") === "descending";
  const rows = useMemo(
    () =>
      arrange(
        loaded,
        { text, place: findPlace < 0 ? null : findPlace, isLacking },
        sortPlace < 0 ? null : { place: sortPlace, isDescending },
        cellText,
      ),
    [loaded, text, findPlace, isLacking, sortPlace, isDescending, cellText],
  );
  const change = (changes: Record<string, string | null>) =>
    setParams(
      (before) => {
        for (const [name, value] of Object.entries(changes)) {
          before.delete(name);
          if (value) {
            before.set(name, value);
          }
        }
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h3">
          {t("rows.heading")}
        </Title>
        <VersionSelect datasetId={dataset.id} />
      </Group>
      {pages.isPending && <Waiting />}
      {pages.isError && <ProblemAlert error={pages.error} onRetry={() => pages.refetch()} />}
      {first && (
        <>
          <Group gap="sm" align="flex-end">
            <TextInput
              label={t("rows.find")}
              type="search"
              leftSection={<IconSearch size={16} />}
              value={text}
              onChange={(event) => change({ find: event.currentTarget.value })}
              flex="1 1 12rem"
              maw={360}
            />
            <NativeSelect
              label={t("rows.in")}
              value={findPlace < 0 ? "" : (within ?? "")}
              onChange={(event) => change({ in: event.currentTarget.value })}
              data={[{ value: "", label: t("rows.inAll") }, ...columns.map((column) => column.name)]}
              maw={220}
            />
            <ColumnChooser columns={columns} hidden={hidden} onChange={setHidden} />
            <Switch
              label={t("rows.lacking")}
              checked={isLacking}
              onChange={(event) => change({ lacking: event.currentTarget.checked ? "1" : null })}
              mb={8}
            />
          </Group>
          <Text size="sm" c="dimmed" role="status">
            {isArranged
              ? t("rows.arranged", {
                  count: rows.length,
                  number: format.integer(loaded.length),
                  total: format.integer(first.total_rows),
                })
              : t(first.preview_rows < first.total_rows ? "rows.first" : "rows.all", {
                  count: first.preview_rows,
                  number: format.integer(first.preview_rows),
                  total: format.integer(first.total_rows),
                })}
          </Text>
          <Grid
            columns={columns}
            hidden={hidden}
            rows={rows}
            total={isArranged ? rows.length : first.preview_rows}
            sorting={sortPlace < 0 ? null : { place: sortPlace, isDescending }}
            onSort={(name) =>
              // Up, down, and back to the order of the file.
              change(
                sort !== name
                  ? { sort: name, order: null }
                  : isDescending
                    ? { sort: null, order: null }
                    : { order: "descending" },
              )
            }
            cellText={cellText}
            onEnd={() => {
              if (pages.hasNextPage && !pages.isFetchingNextPage) {
                void pages.fetchNextPage();
              }
            }}
          />
          {rows.length === 0 && isArranged && !pages.hasNextPage && <Text>{t("rows.none")}</Text>}
        </>
      )}
    </Stack>
  );
}
