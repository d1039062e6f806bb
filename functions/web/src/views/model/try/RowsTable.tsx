import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { AnsweredRow, Prediction } from "@/views/model/try/answerRows";
import type { Field } from "@/views/model/try/fields";
import classes from "@/views/model/try/Try.module.css";
import { useFindingText } from "@/views/model/try/words";

const ROW_PX = 34;
const MOST_COLUMNS = 60;

/** Rows with their answers at the front; only those in sight are drawn. */
export function RowsTable({
  rows,
  columns,
  target,
}: {
  rows: readonly AnsweredRow[];
  columns: readonly Field[];
  target: string;
}) {
  const { t } = useTranslation("try");
  const format = useFormat();
  const textOf = useFindingText();
  const place = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  // Columns at fault are never among those that are left out.
  const shown = columns
    .map((field, cell) => ({ field, cell }))
    .filter(({ field, cell }) => cell < MOST_COLUMNS || rows.some((row) => row.faults.has(field.name)));
  return (
    // A region that scrolls is reached by the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section ref={place} className={classes.rows} aria-label={t("rows.answers")} tabIndex={0}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            <th scope="col">{t("rows.number")}</th>
            <th scope="col">{target}</th>
            <th scope="col">{t("rows.sure")}</th>
            {shown.map(({ field }) => (
              <th key={field.name} scope="col" title={field.name}>
                {field.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && (
            <tr aria-hidden style={{ height: above }}>
              <td colSpan={shown.length + 3} />
            </tr>
          )}
          {items.map((item) => {
            const answered = rows[item.index];
            if (!answered) return null;
            const lacking = [...answered.faults].filter(
              ([name]) => !columns.some((field) => field.name === name),
            );
            return (
              <tr
                key={item.index}
                ref={virtual.measureElement}
                data-index={item.index}
                aria-rowindex={item.index + 2}
              >
                <td>{format.integer(item.index + 1)}</td>
                <td className={classes.answerCell}>
                  {answered.prediction ? predicted(answered.prediction) : <span>{t("rows.noAnswer")}</span>}
                  {lacking.map(([name, finding]) => (
                    <span key={name} className={classes.cellFault}>
                      {t("answer.warning", { name, text: textOf(finding, undefined) })}
                    </span>
                  ))}
                </td>
                <td>{answered.prediction && sureness(answered.prediction)}</td>
                {shown.map(({ field, cell }) => {
                  const fault = answered.faults.get(field.name);
                  const warning = answered.warnings.get(field.name);
                  return (
                    <td key={field.name}>
                      <span title={answered.row.cells[cell]}>{answered.row.cells[cell]}</span>
                      {fault && <span className={classes.cellFault}>{textOf(fault, field)}</span>}
                      {warning && <span className={classes.cellWarning}>{textOf(warning, field)}</span>}
                    </td>
                  );
                })}
              </tr>
            );
          })}
          {below > 0 && (
            <tr aria-hidden style={{ height: below }}>
              <td colSpan={shown.length + 3} />
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );

  function predicted({ prediction }: Prediction) {
    return <span>{typeof prediction === "number" ? format.number(prediction, 6) : prediction}</span>;
  }

  function sureness({ prediction, probabilities, interval }: Prediction): string {
    if (probabilities) return format.percent(probabilities[String(prediction)] ?? 0);
    return interval
      ? t("rows.between", { low: format.number(interval.low), high: format.number(interval.high) })
      : "";
  }
}
