import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { Figure } from "@/ui/Figure";
import classes from "@/views/dataset/look/Missing.module.css";
import type { MissingMap } from "@/views/dataset/look/missing";

const HEIGHT = 320;
// So wide that a column can be told from its neighbour.
const LEAST_WIDTH = 14;
const MOST_WIDTH = 72;
const COLOURS = {
  light: { present: "#dbe4ff", missing: "#e8590c" },
  dark: { present: "#2b3357", missing: "#ff922b" },
} as const;

/** Rows down, columns across; what is missing stands out. */
export function MissingMapFigure({ map, isCapped }: { map: MissingMap; isCapped: boolean }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const colours = COLOURS[useComputedColorScheme("light")];
  const canvas = useRef<HTMLCanvasElement>(null);
  const [under, setUnder] = useState<{ row: number; column: number } | null>(null);
  const rows = map.lacks.length;
  const columns = map.names.length;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) {
      return;
    }
    // One dot a cell, stretched by the browser: a thousand rows by sixty columns are drawn at once.
    context.fillStyle = colours.present;
    context.fillRect(0, 0, columns, rows);
    context.fillStyle = colours.missing;
    map.lacks.forEach((lacks, row) => {
      lacks.forEach((isMissing, column) => {
        if (isMissing) {
          context.fillRect(column, row, 1, 1);
        }
      });
    });
  }, [map, colours, rows, columns]);

  const worst = map.counts.reduce(
    (best, count, place) => (count > (map.counts[best] ?? 0) ? place : best),
    0,
  );
  return (
    <Figure
      title={t("missing.map")}
      summary={t(isCapped ? "missing.mapSummaryCapped" : "missing.mapSummary", {
        count: rows,
        number: format.integer(rows),
        columns,
        column: map.names[worst],
        share: format.percent((map.counts[worst] ?? 0) / Math.max(1, rows)),
      })}
      table={{
        head: [t("missing.column"), t("missing.missingRows")],
        rows: map.names.map((name, place) => [name, format.integer(map.counts[place] ?? 0)]),
      }}
    >
      <div className={classes.scroll}>
        <div style={{ minWidth: columns * LEAST_WIDTH, maxWidth: columns * MOST_WIDTH }}>
          <div className={classes.names} aria-hidden>
            {map.names.map((name) => (
              <span key={name} title={name}>
                {name}
              </span>
            ))}
          </div>
          <canvas
            ref={canvas}
            width={columns}
            height={rows}
            className={classes.canvas}
            style={{ height: Math.max(80, Math.min(HEIGHT, rows * 8)), imageRendering: "pixelated" }}
            onMouseMove={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              setUnder({
                row: Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows)),
                column: Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns)),
              });
            }}
            onMouseLeave={() => setUnder(null)}
          />
        </div>
      </div>
      <Group gap="md" mt={6} fz="xs" mih={20}>
        <Key colour={colours.missing} label={t("missing.isMissing")} />
        <Key colour={colours.present} label={t("missing.isPresent")} />
        {under && (
          <Text size="xs" truncate>
            {t(map.lacks[under.row]?.[under.column] ? "missing.underMissing" : "missing.underPresent", {
              row: format.integer(under.row + 1),
              column: map.names[under.column],
            })}
          </Text>
        )}
      </Group>
    </Figure>
  );
}

function Key({ colour, label }: { colour: string; label: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span style={{ width: 12, height: 12, borderRadius: 3, background: colour }} />
      {label}
    </Group>
  );
}
