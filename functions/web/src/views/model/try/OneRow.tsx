import { Button, Card, Group, Stack, Switch, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconEraser, IconRestore, IconSparkles } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocale } from "@/i18n/locale";
import { API_URL } from "@/location";
import { useUser } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useFlag } from "@/ui/useFlag";
import type { Chosen } from "@/ui/VersionChoice";
import { AnswerCard, AnswerFrame, NoAnswer } from "@/views/model/try/AnswerCard";
import type { Finding } from "@/views/model/try/answerRows";
import { CallCode } from "@/views/model/try/CallCode";
import { FieldList, PAGE_FIELDS } from "@/views/model/try/FieldList";
import { exampleOf, fieldsOf, type InstanceSchema } from "@/views/model/try/fields";
import { instanceOf } from "@/views/model/try/instance";
import { RefusedNote, StaleNote } from "@/views/model/try/Notes";
import { decimalOf } from "@/views/model/try/numbers";
import classes from "@/views/model/try/Try.module.css";
import { useAsk } from "@/views/model/try/useAsk";
import { useFormValues } from "@/views/model/try/useFormValues";

const REASK_MS = 700;

/** Ask a model about one row: a form of its features, and the answer beside it. */
export function OneRow({
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
  const { sub } = useUser();
  const [isStrict, setStrict] = useFlag("strict", false);
  const [isLive, setLive] = useFlag("live", false);
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const example = useMemo(() => exampleOf(schema, fields), [schema, fields]);
  const key = `csv-analyzer.try.${sub}.${model}.${chosen.version}`;
  const { values, setValue, setValues } = useFormValues(key, example);
  const [page, setPage] = useState(1);
  // Faults show once the user has asked, not while a form is filled in for the first time.
  const [checks, setChecks] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const answerPlace = useRef<HTMLDivElement>(null);
  const decimal = decimalOf(useLocale());
  const read = useMemo(() => instanceOf(fields, values, decimal), [fields, values, decimal]);
  const { ask, asked, former, refused, problem, isPending } = useAsk(model, chosen.query, isStrict);

  const faults = useMemo(() => {
    const found = new Map<string, Finding>();
    if (!checks) return found;
    for (const [name, fault] of read.faults) found.set(name, { code: fault.code, message: "" });
    for (const [name, finding] of refused?.faults ?? []) {
      // What the service refused is at fault until it is changed.
      if (!found.has(name) && refused?.values[name] === values[name]) found.set(name, finding);
    }
    return found;
  }, [checks, read, refused, values]);
  const warnings = useMemo(() => {
    const current = asked?.answer.warnings.filter(({ feature }) => asked.values[feature] === values[feature]);
    return new Map<string, Finding>(current?.map((warning) => [warning.feature, warning]));
  }, [asked, values]);

  const showFault = useCallback(
    (name: string) => {
      setPage(Math.floor(fields.findIndex((field) => field.name === name) / PAGE_FIELDS) + 1);
      // The field is there only when its page is.
      setTimeout(() => {
        const control = form.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
        (control?.matches("input, textarea") ? control : control?.querySelector("input"))?.focus();
      });
    },
    [fields],
  );

  const submit = async () => {
    setChecks(true);
    const [first] = read.faults.keys();
    if (first !== undefined) {
      showFault(first);
      return;
    }
    const outcome = await ask(read.instance, values);
    if (outcome.kind === "answered") {
      answerPlace.current?.scrollIntoView({ block: "nearest" });
    } else if (outcome.field !== null) {
      showFault(outcome.field);
    }
  };

  const reask = useDebouncedCallback(() => {
    if (read.faults.size === 0) void ask(read.instance, values);
  }, REASK_MS);
  const asks = useRef(reask);
  asks.current = reask;
  useEffect(() => {
    if (isLive && asked !== null && asked.values !== values) asks.current();
  }, [isLive, values, asked]);

  const fill = (next: Record<string, string>) => {
    setValues(next);
    setChecks(false);
  };
  const isStale = asked !== null && asked.values !== values;

  return (
    <Stack gap="xl">
      <div className={classes.columns}>
        <Card
          withBorder
          padding="lg"
          component="form"
          noValidate
          ref={form}
          aria-label={t("fields.title")}
          style={{ overflow: "visible" }}
          onSubmit={(event: React.FormEvent) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Stack gap="md">
            <Group justify="space-between">
              <Title order={2} size="h4">
                {t("fields.title")}
              </Title>
              <Group gap="xs">
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconRestore size={14} />}
                  onClick={() => fill(example)}
                >
                  {t("fields.example")}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconEraser size={14} />}
                  onClick={() => fill(Object.fromEntries(fields.map((field) => [field.name, ""])))}
                >
                  {t("fields.clear")}
                </Button>
              </Group>
            </Group>
            <Group align="flex-start" gap="lg">
              <Switch
                label={t("fields.live")}
                checked={isLive}
                onChange={(event) => setLive(event.currentTarget.checked)}
              />
              <Switch
                label={t("fields.strict")}
                description={t("fields.strictText")}
                checked={isStrict}
                onChange={(event) => setStrict(event.currentTarget.checked)}
              />
            </Group>
            <FieldList
              fields={fields}
              values={values}
              faults={faults}
              warnings={warnings}
              page={page}
              onPage={setPage}
              onChange={setValue}
            />
            <div className={classes.actions}>
              <Button type="submit" loading={isPending} leftSection={<IconSparkles size={16} />} fullWidth>
                {t("fields.ask")}
              </Button>
            </div>
          </Stack>
        </Card>
        <AnswerFrame>
          <div ref={answerPlace} role="status" aria-label={t("answer.title")}>
            {problem !== null && <ProblemAlert error={problem} onRetry={submit} />}
            {problem === null && faults.size > 0 && (
              <RefusedNote names={[...faults.keys()]} onShow={showFault} />
            )}
            {asked === null && problem === null && faults.size === 0 && <NoAnswer target={target} />}
            {asked !== null && problem === null && faults.size === 0 && (
              <AnswerCard asked={asked} former={former} target={target} fields={fields} isStale={isStale} />
            )}
          </div>
          {isStale && !isLive && faults.size === 0 && <StaleNote onAsk={submit} isPending={isPending} />}
        </AnswerFrame>
      </div>
      <CallCode
        call={{
          apiUrl: API_URL,
          model,
          query: chosen.query,
          instances: [read.instance],
          strict: isStrict,
          explain: true,
        }}
      />
    </Stack>
  );
}
