import { Box, Button, Flex, Group, NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { IconColumns2 } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useTitle } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";
import { useModel } from "@/views/model/Model";
import { type LeaderboardRow, readMetrics, readReport } from "../report/report";
import { CardSection } from "./CardSection";
import { Figures } from "./Figures";
import { MetricsTable } from "./MetricsTable";
import { TakeAway } from "./TakeAway";
import { Toc } from "./Toc";
import { TrainingSection } from "./TrainingSection";
import { Verdict } from "./Verdict";

const LEAKS = new Set(["leaking_column", "leaking_sum"]);

/** All that was found out about a version: how good it is, where it errs, what it goes by. */
export function Judge() {
  const { t } = useTranslation(["judge", "common"]);
  const model = useModel();
  const { version: number = "" } = useParams();
  const path = { name: model.name, version: number };
  const version = $api.useQuery("get", "/models/{name}/versions/{version}", { params: { path } });
  const told = $api.useQuery(
    "get",
    "/models/{name}/versions/{version}/report",
    { params: { path } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const report = useMemo(() => (told.data ? readReport(told.data) : null), [told.data]);
  useTitle(`${model.name} · ${t("common:version", { number })}`);
  if (version.isPending) {
    return <Waiting />;
  }
  if (version.isError) {
    return <ProblemAlert error={version.error} onRetry={() => version.refetch()} />;
  }
  const { data } = version;
  const metrics = readMetrics(data.metrics);
  const leaderboard = data.leaderboard as LeaderboardRow[];
  // With class weights, candidates were chosen by the weighted metric.
  const metric = leaderboard[0]?.metric ?? data.metric;
  const leaks = report?.findings.filter(({ code, opted_out }) => LEAKS.has(code) && !opted_out) ?? [];
  return (
    <Flex gap="xl">
      <Stack gap="lg" flex={1} miw={0}>
        <VersionBar number={number} />
        <Verdict
          metric={metric}
          metrics={metrics}
          task={data.task}
          target={data.target}
          holdoutRows={report?.rows.holdout ?? null}
          leaks={leaks.map(({ message }) => message)}
        />
        <MetricsTable metric={metric} metrics={metrics} />
        {told.isPending && (
          <Box role="status" aria-label={t("common:waiting")}>
            <Skeleton h={320} />
          </Box>
        )}
        {told.isError && <ProblemAlert error={told.error} onRetry={() => told.refetch()} />}
        {report && <Figures report={report} />}
        <TrainingSection leaderboard={leaderboard} report={report} />
        <CardSection name={model.name} version={number} />
        <TakeAway version={data} />
      </Stack>
      <Toc ready={report !== null} />
    </Flex>
  );
}

function VersionBar({ number }: { number: string }) {
  const { t } = useTranslation(["judge", "common"]);
  const format = useFormat();
  const navigate = useNavigate();
  const model = useModel();
  const base = `/models/${encodeURIComponent(model.name)}`;
  const shown = model.versions.find(({ version }) => String(version) === number);
  const other =
    model.versions.find(({ version, stage }) => stage === "production" && String(version) !== number) ??
    model.versions.find(({ version }) => String(version) !== number);
  return (
    <Group justify="space-between" align="flex-end">
      <Group align="flex-end">
        <NativeSelect
          label={t("versionShown")}
          value={number}
          onChange={({ currentTarget: { value } }) => navigate(`${base}/versions/${value}`)}
          data={model.versions.map(({ version, stage }) => ({
            value: String(version),
            label: `${t("common:version", { number: version })} · ${t(`common:stage.${stage}`)}`,
          }))}
        />
        {shown && (
          <Text size="sm" c="dimmed" pb={8}>
            {t("trainedAt", { when: format.dateTime(shown.created_at) })}
          </Text>
        )}
      </Group>
      {other && (
        <Button
          component={Link}
          to={`${base}/compare?versions=${other.version},${number}`}
          variant="default"
          leftSection={<IconColumns2 size={16} />}
        >
          {t("compareWith", { number: other.version })}
        </Button>
      )}
    </Group>
  );
}
