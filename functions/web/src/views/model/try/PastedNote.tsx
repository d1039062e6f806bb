import { Alert, List, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { CsvTable } from "@/views/model/try/csv";
import type { NotPasted, Pasted } from "@/views/model/try/rows";

const MOST_NAMED = 8;

/** What was understood of a paste, before anything is asked. */
export function PastedNote({ pasted, table }: { pasted: Pasted | NotPasted; table: CsvTable }) {
  const { t } = useTranslation("try");
  const format = useFormat();
  const named = (names: readonly string[]) => {
    const shown = names.slice(0, MOST_NAMED).join(", ");
    const count = names.length - MOST_NAMED;
    return count > 0 ? t("pasted.andMore", { shown, count }) : shown;
  };
  if (pasted.kind === "empty") {
    return table.rows.length > 0 ? <Fault text={t("pasted.onlyHeader")} /> : null;
  }
  if (pasted.kind === "width") {
    return <Fault text={t("pasted.width", { found: pasted.found, wanted: pasted.wanted })} />;
  }
  if (pasted.kind === "repeated") {
    return <Fault text={t("pasted.repeated", { name: pasted.name })} />;
  }
  const required = pasted.lacking.filter((field) => !field.mayBeMissing);
  const optional = pasted.lacking.filter((field) => field.mayBeMissing);
  const faulty = pasted.rows.filter((row) => row.faults.size > 0).length;
  const notes = [
    pasted.hasHeader ? t("pasted.header") : t("pasted.noHeader"),
    pasted.ignored.length > 0 &&
      t("pasted.ignored", { count: pasted.ignored.length, names: named(pasted.ignored) }),
    optional.length > 0 &&
      t("pasted.optional", { count: optional.length, names: named(optional.map((field) => field.name)) }),
    table.unclosedQuote && t("pasted.unclosedQuote"),
    (pasted.left > 0 || table.cut) && t("pasted.cut", { rows: format.integer(pasted.rows.length) }),
  ].filter((note) => note !== false);
  return (
    <div role="status">
      {required.length > 0 && (
        <Fault
          text={t("pasted.required", {
            count: required.length,
            names: named(required.map((field) => field.name)),
          })}
        />
      )}
      <Text size="sm" mt="xs">
        {t("pasted.rows", { count: pasted.rows.length })}{" "}
        {faulty > 0 && required.length === 0 && t("pasted.faulty", { count: faulty })}
      </Text>
      <List size="sm" c="dimmed">
        {notes.map((note) => (
          <List.Item key={note} style={{ overflowWrap: "anywhere" }}>
            {note}
          </List.Item>
        ))}
      </List>
    </div>
  );
}

function Fault({ text }: { text: string }) {
  return (
    <Alert color="red" icon={<IconAlertTriangle />} role="alert">
      {text}
    </Alert>
  );
}
