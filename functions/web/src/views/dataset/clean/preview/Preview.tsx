import { Alert, Button, Group, Loader, Paper, Select, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { type StepColumn, statesOf, touchedBy } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Distribution } from "@/views/dataset/clean/preview/Distribution";
import { FirstRows } from "@/views/dataset/clean/preview/FirstRows";
import { Totals } from "@/views/dataset/clean/preview/Totals";
import type { RecipeView, Trial } from "@/views/dataset/clean/useTrial";

/** What the recipe does to the data, as it was tried last. */
export function Preview({
  datasetId,
  trial,
  profile,
  columns,
  mayTry,
}: {
  datasetId: string;
  trial: Trial;
  profile: Schemas["Profile"];
  columns: readonly StepColumn[];
  mayTry: boolean;
}) {
  const { t } = useTranslation("clean");
  const { shown, phase } = trial;
  return (
    <Paper component="section" withBorder p="md" aria-label={t("preview.title")}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <Title order={2} size="h4">
            {t("preview.title")}
          </Title>
          <Group gap="xs">
            {mayTry && phase === "off" && (
              <Button size="xs" onClick={trial.send}>
                {t("preview.try")}
              </Button>
            )}
            {phase === "ready" && trial.version !== null && (
              <Button
                size="xs"
                component={Link}
                to={`/datasets/${datasetId}/train?recipe=${trial.version}`}
                leftSection={<IconPlayerPlay size={14} />}
              >
                {t("preview.train")}
              </Button>
            )}
          </Group>
        </Group>
        <Status trial={trial} mayTry={mayTry} />
        {shown?.effect && (
          <>
            <Totals effect={shown.effect} />
            <Column datasetId={datasetId} shown={shown} profile={profile} columns={columns} />
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Status({ trial, mayTry }: { trial: Trial; mayTry: boolean }) {
  const { t } = useTranslation("clean");
  const { phase, version, shown, recipe, error } = trial;
  const busy = phase === "soon" || phase === "sending" || phase === "checking";
  const text = () => {
    switch (phase) {
      case "empty":
        return t("preview.empty");
      case "invalid":
        return t("preview.invalid");
      case "off":
        return mayTry ? t("preview.off") : t("preview.unknown");
      case "soon":
      case "sending":
        return t("preview.sending");
      case "checking":
        return t("preview.checking", { number: version });
      case "ready":
        return t("preview.ready", { number: version });
      case "failed":
        return t("preview.failed", { number: version });
      case "refused":
        return t("preview.refused");
    }
  };
  const stale = shown !== null && shown.version !== version;
  const reasons = recipe?.error?.steps.filter(({ step }) => step === null) ?? [];
  const isOfSteps = error instanceof ProblemError && error.faults.some((fault) => fault.step);
  return (
    <Stack gap="xs">
      <Group gap="xs" role="status" wrap="nowrap">
        {busy && <Loader size="xs" type="oval" aria-hidden />}
        <Text
          size="sm"
          c={phase === "failed" || phase === "refused" || phase === "invalid" ? "red" : "dimmed"}
        >
          {text()}
          {stale && ` ${t("preview.stale", { number: shown.version })}`}
        </Text>
      </Group>
      {phase === "failed" && (recipe?.error?.steps.length === 0 || reasons.length > 0) && (
        <Alert color="red" icon={<IconAlertTriangle />} lang="en">
          {reasons.length > 0 ? reasons.map(({ message }) => message).join(" ") : recipe?.error?.message}
        </Alert>
      )}
      {error !== null && !isOfSteps && <ProblemAlert error={error} onRetry={trial.send} />}
    </Stack>
  );
}

/** One column before and after, of those that the steps touch or of all. */
function Column({
  datasetId,
  shown,
  profile,
  columns,
}: {
  datasetId: string;
  shown: RecipeView;
  profile: Schemas["Profile"];
  columns: readonly StepColumn[];
}) {
  const { t } = useTranslation("clean");
  const [search, setSearch] = useSearchParams();
  const after = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/profile",
    { params: { path: { dataset_id: datasetId }, query: { recipe: shown.version } } },
    { staleTime: Number.POSITIVE_INFINITY, placeholderData: (previous) => previous },
  );
  const steps = shown.steps as Step[];
  const states = statesOf({ columns, target: shown.target }, steps);
  const touched = touchedOrigins(steps, states);
  const wanted = search.get("column");
  const known = new Map(profile.columns.map((column) => [column.name, column]));
  const left = states.at(-1)?.columns ?? [];
  const staying = new Set(left.map(({ origin }) => origin));
  const last = [...touched].findLast((origin) => staying.has(origin)) ?? [...touched].at(-1);
  const chosen = wanted !== null && known.has(wanted) ? wanted : (last ?? profile.columns[0]?.name);
  const before = chosen === undefined ? undefined : known.get(chosen);
  const name = left.find(({ origin }) => origin === chosen)?.name;
  return (
    <>
      <Title order={3} size="h5">
        {t("preview.column")}
      </Title>
      <Select
        label={t("preview.choose")}
        searchable
        allowDeselect={false}
        limit={100}
        value={chosen ?? null}
        data={[
          { group: t("preview.touched"), items: [...touched] },
          { group: t("preview.others"), items: [...known.keys()].filter((entry) => !touched.has(entry)) },
        ].filter(({ items }) => items.length > 0)}
        onChange={(next) =>
          next !== null &&
          setSearch(
            (params) => {
              params.set("column", next);
              return params;
            },
            { replace: true, preventScrollReset: true },
          )
        }
      />
      {after.isPending && <Skeleton h={260} />}
      {after.isError && <ProblemAlert error={after.error} onRetry={() => after.refetch()} />}
      {after.data && before && (
        // Until its own are there, a version shows the numbers of the one before, paler.
        <Stack aria-busy={after.isPlaceholderData} opacity={after.isPlaceholderData ? 0.5 : 1}>
          <Distribution
            before={before}
            after={after.data.columns.find((column) => column.name === name) ?? null}
          />
        </Stack>
      )}
      <FirstRows datasetId={datasetId} version={shown.version} columns={left} touched={touched} />
    </>
  );
}

/** What the file calls the columns that steps name, in the order in which they are named. */
function touchedOrigins(steps: readonly Step[], states: ReturnType<typeof statesOf>): Set<string> {
  const found = steps.flatMap((step, index) => {
    const origins = new Map(states[index]?.columns.map(({ name, origin }) => [name, origin]));
    return touchedBy(step).flatMap((name) => origins.get(name) ?? []);
  });
  return new Set(found);
}
