import { Alert, Anchor, Button, Card, Group, Stack, Switch, Text, Textarea, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconDownload, IconSparkles } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useLocale } from "@/i18n/locale";
import { useUser } from "@/session/hooks";
import { csvText, saveCsv } from "@/ui/csvFile";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useFlag } from "@/ui/useFlag";
import type { Chosen } from "@/ui/VersionChoice";
import { answeredTable, answerRows } from "@/views/model/try/answerRows";
import { parseCsv } from "@/views/model/try/csv";
import { fieldsOf, type InstanceSchema } from "@/views/model/try/fields";
import { decimalOf } from "@/views/model/try/numbers";
import { PastedNote } from "@/views/model/try/PastedNote";
import { RowsTable } from "@/views/model/try/RowsTable";
import { instancesOf, REQUEST } from "@/views/model/try/rows";
import { useFindingText } from "@/views/model/try/words";

// A paste beyond this is a file, and files are what a batch is for.
const LIMITS = { rows: REQUEST.rows + 1, columns: 4_000, characters: 8_000_000 } as const;
const PARSE_MS = 250;
const MOST_KEPT = 500_000;

/** Ask a model about rows that are pasted from a spreadsheet or a CSV file. */
export function ManyRows({
  model,
  target,
  chosen,
  schema,
}: {
  model: string;
  target: string;
  chosen: NonNullable<Chosen>;
  schema: InstanceSchema;
}) {
  const { t } = useTranslation(["try", "common"]);
  const format = useFormat();
  const textOf = useFindingText();
  const { sub } = useUser();
  const [search] = useSearchParams();
  const [isStrict, setStrict] = useFlag("strict", false);
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const key = `csv-analyzer.try-rows.${sub}.${model}`;
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const [settled] = useDebouncedValue(text, PARSE_MS);
  useEffect(() => {
    if (settled.length <= MOST_KEPT) sessionStorage.setItem(key, settled);
  }, [key, settled]);
  const decimal = decimalOf(useLocale());
  const table = useMemo(() => parseCsv(settled, LIMITS), [settled]);
  const pasted = useMemo(() => instancesOf(table, fields, decimal), [table, fields, decimal]);
  // Rows with errors are left out.
  const askable = pasted.kind === "rows" ? pasted.rows.filter((row) => row.faults.size === 0).length : 0;
  const predict = $api.useMutation("post", "/models/{name}/predict");
  const asking = useMutation({
    mutationFn: async () => {
      if (pasted.kind !== "rows") throw new Error("There are no rows.");
      const answered = await answerRows(pasted.rows, (instances) =>
        predict.mutateAsync({
          params: { path: { name: model }, query: chosen.query },
          body: { instances, strict: isStrict, explain: false },
        }),
      );
      return { ...answered, columns: pasted.columns };
    },
  });
  const example = () =>
    csvText([
      fields.map((field) => field.name),
      ...schema.examples.map((row) => fields.map((field) => cellOf(row[field.name]))),
    ]);
  const done = asking.data;
  const save = () => {
    if (!done) return;
    const byName = new Map(fields.map((field) => [field.name, field]));
    const rows = answeredTable(
      done.rows,
      done.columns.map((field) => field.name),
      {
        prediction: target,
        low: t("rows.low"),
        high: t("rows.high"),
        probability: (label) => t("rows.probability", { label }),
        notes: t("rows.notes"),
      },
      (name, finding) => t("answer.warning", { name, text: textOf(finding, byName.get(name)) }),
    );
    saveCsv(`${model}-${t("rows.fileName")}.csv`, csvText(rows));
  };
  const batchPath = `/models/${encodeURIComponent(model)}/batch?${batchSearch(search)}`;
  return (
    <Stack gap="lg">
      <Card withBorder padding="lg">
        <Stack gap="md">
          <div>
            <Title order={2} size="h4">
              {t("rows.title")}
            </Title>
            <Text size="sm" c="dimmed">
              {t("rows.text")}{" "}
              <Anchor component={Link} to={batchPath} size="sm" underline="always">
                {t("rows.batch")}
              </Anchor>
            </Text>
          </div>
          <Textarea
            label={t("rows.label")}
            placeholder={t("rows.placeholder")}
            autosize
            minRows={6}
            maxRows={14}
            spellCheck={false}
            styles={{
              input: {
                fontFamily: "var(--mantine-font-family-monospace)",
                whiteSpace: "pre",
                overflowX: "auto",
              },
            }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <PastedNote pasted={pasted} table={table} />
          <Group>
            <Button
              leftSection={<IconSparkles size={16} />}
              loading={asking.isPending}
              disabled={askable === 0 || text !== settled}
              onClick={() => asking.mutate()}
            >
              {pasted.kind === "rows" ? t("rows.ask", { count: askable }) : t("fields.ask")}
            </Button>
            <Button variant="default" onClick={() => setText(example())}>
              {t("rows.example")}
            </Button>
            <Switch
              label={t("fields.strict")}
              checked={isStrict}
              onChange={(event) => setStrict(event.currentTarget.checked)}
            />
          </Group>
        </Stack>
      </Card>
      {asking.isError && <ProblemAlert error={asking.error} onRetry={() => asking.mutate()} />}
      {done && (
        <Stack gap="sm">
          <Group justify="space-between">
            <Title order={2} size="h4">
              {t("rows.answers")}
            </Title>
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={save}>
              {t("rows.download")}
            </Button>
          </Group>
          <Text size="sm" role="status">
            {t("rows.answered", {
              count: done.rows.filter((row) => row.prediction).length,
              faulty: format.integer(done.rows.filter((row) => !row.prediction).length),
            })}
          </Text>
          {done.warningsTotal > 0 && (
            <Alert color="orange" icon={<IconAlertTriangle />} p="xs">
              {t("rows.warnings", { count: done.warningsTotal })}
            </Alert>
          )}
          <RowsTable rows={done.rows} columns={done.columns} target={target} />
        </Stack>
      )}
    </Stack>
  );
}

function cellOf(value: unknown): string | number | boolean | null {
  return typeof value === "number" || typeof value === "boolean" || typeof value === "string" ? value : null;
}

/** The version stays the same on the way to another view. */
function batchSearch(search: URLSearchParams): string {
  const kept = [...search].filter(([name]) => name === "version" || name === "stage");
  return new URLSearchParams(kept).toString();
}
