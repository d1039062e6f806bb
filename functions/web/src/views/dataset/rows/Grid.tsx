// biome-ignore-all lint/a11y/useSemanticElements: the elements of a table cannot leave cells out
// biome-ignore-all lint/a11y/useFocusableInteractive: the table scrolls, and its headers hold buttons
import { Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import classes from "@/views/dataset/rows/Grid.module.css";
import { type Cell, type Row, type Sorting, widthOf } from "@/views/dataset/rows/rows";

const ROW = 34;
const HEADER = 52;
const NUMBERS = 72;
const LONG = 24;
// A page more is fetched when so many rows are left below.
const AHEAD = 40;

/** A table that draws only the cells that are to be seen, of thousands of columns, too. */
export function Grid({
  columns,
  hidden,
  rows,
  total,
  sorting,
  onSort,
  cellText,
  onEnd,
}: {
  columns: readonly Schemas["PreviewColumn"][];
  hidden: readonly string[];
  rows: readonly Row[];
  total: number;
  sorting: Sorting | null;
  onSort: (name: string) => void;
  cellText: (cell: Cell) => string;
  onEnd: () => void;
}) {
  const { t } = useTranslation(["look", "common"]);
  const format = useFormat();
  const area = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const gone = new Set(hidden);
    return columns.map((_, place) => place).filter((place) => !gone.has(columns[place]?.name ?? ""));
  }, [columns, hidden]);
  // Widths go by the first rows alone, so that the table does not move while more are loaded.
  const sample = useRef<readonly Row[]>([]);
  if (sample.current.length === 0) {
    sample.current = rows.slice(0, 30);
  }
  const widths = useMemo(
    () =>
      shown.map((place) =>
        widthOf(
          columns[place]?.name ?? "",
          sample.current.map((row) => cellText(row.cells[place] ?? null)),
        ),
      ),
    [shown, columns, cellText],
  );
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => area.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: shown.length,
    getScrollElement: () => area.current,
    estimateSize: (place) => widths[place] ?? 96,
    overscan: 4,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes are read anew when other columns are shown
  useEffect(() => across.measure(), [widths]);
  const lastRow = down.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && lastRow >= rows.length - AHEAD) {
      onEnd();
    }
  }, [lastRow, rows.length, onEnd]);

  const cells = across.getVirtualItems();
  const width = NUMBERS + across.getTotalSize();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={area} className={classes.area} tabIndex={0} aria-label={t("rows.table")}>
      <div
        role="table"
        aria-label={t("rows.heading")}
        aria-rowcount={total + 1}
        aria-colcount={shown.length + 1}
        style={{ width, height: HEADER + down.getTotalSize() }}
        className={classes.table}
      >
        <div role="rowgroup" className={classes.head} style={{ width, height: HEADER }}>
          <div role="row" aria-rowindex={1} className={classes.row} style={{ height: HEADER }}>
            <div role="columnheader" aria-colindex={1} className={classes.corner} style={{ width: NUMBERS }}>
              {t("rows.row")}
            </div>
            {cells.map((item) => {
              const place = shown[item.index] ?? 0;
              const column = columns[place];
              const isSorted = sorting?.place === place;
              return (
                <div
                  key={item.key}
                  role="columnheader"
                  aria-colindex={item.index + 2}
                  aria-sort={!isSorted ? "none" : sorting.isDescending ? "descending" : "ascending"}
                  className={classes.header}
                  data-number={column?.type === "numeric" || undefined}
                  style={{ width: item.size, insetInlineStart: NUMBERS + item.start }}
                >
                  <button
                    type="button"
                    className={classes.sort}
                    title={column?.name}
                    onClick={() => onSort(column?.name ?? "")}
                  >
                    <span className={classes.name}>{column?.name}</span>
                    {isSorted &&
                      (sorting.isDescending ? (
                        <IconArrowDown size={14} aria-hidden />
                      ) : (
                        <IconArrowUp size={14} aria-hidden />
                      ))}
                    <span className={classes.type}>{column && t(`common:type.${column.type}`)}</span>
                    <VisuallyHidden>{t("rows.sort")}</VisuallyHidden>
                  </button>
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup">
          {down.getVirtualItems().map((line) => {
            const row = rows[line.index];
            return (
              row && (
                <div
                  key={row.row}
                  role="row"
                  aria-rowindex={line.index + 2}
                  className={classes.line}
                  data-odd={line.index % 2 === 1 || undefined}
                  style={{ height: ROW, width, transform: `translateY(${HEADER + line.start}px)` }}
                >
                  <div
                    role="rowheader"
                    aria-colindex={1}
                    className={classes.number}
                    style={{ width: NUMBERS }}
                  >
                    {format.integer(row.row + 1)}
                  </div>
                  {cells.map((item) => {
                    const place = shown[item.index] ?? 0;
                    return (
                      <div
                        key={item.key}
                        role="cell"
                        aria-colindex={item.index + 2}
                        className={classes.cell}
                        data-number={columns[place]?.type === "numeric" || undefined}
                        style={{ width: item.size, insetInlineStart: NUMBERS + item.start }}
                      >
                        <CellContent
                          cell={row.cells[place] ?? null}
                          isCut={row.cut?.includes(place) ?? false}
                          cellText={cellText}
                        />
                      </div>
                    );
                  })}
                </div>
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}

function CellContent({
  cell,
  isCut,
  cellText,
}: {
  cell: Cell;
  isCut: boolean;
  cellText: (cell: Cell) => string;
}) {
  const { t } = useTranslation("look");
  if (cell === null) {
    return <span className={classes.missing}>{t("rows.missing")}</span>;
  }
  const text = cellText(cell);
  if (text.length <= LONG && !isCut) {
    return <span className={classes.text}>{text}</span>;
  }
  return (
    <Tooltip
      label={isCut ? t("rows.cut", { text }) : text}
      multiline
      maw={420}
      withinPortal
      styles={{ tooltip: { overflowWrap: "anywhere", whiteSpace: "pre-wrap" } }}
    >
      <span className={classes.text}>{text}</span>
    </Tooltip>
  );
}
