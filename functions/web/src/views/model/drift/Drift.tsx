import { Group, SegmentedControl, Select, Skeleton, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useModel } from "@/views/model/Model";
import { SORTS, type Sort, windowOf } from "./drift";
import { FeatureDetail } from "./FeatureDetail";
import { QualityCard } from "./QualityCard";
import { Status } from "./Status";
import { Thresholds } from "./Thresholds";
import { WindowView } from "./WindowView";

const LIVE_MS = 60_000;

/** Whether what the model is asked about has moved away from what it learned from. */
export function Drift() {
  const { t } = useTranslation(["drift", "common"]);
  const format = useFormat();
  const model = useModel();
  const [address, setAddress] = useSearchParams();
  const enter = (values: Record<string, string | null>) =>
    setAddress(
      (before) => {
        for (const [name, value] of Object.entries(values)) {
          before.delete(name);
          if (value !== null) {
            before.set(name, value);
          }
        }
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  const version = Number(address.get("version") ?? model.production_version ?? model.latest_version);
  const drift = $api.useQuery(
    "get",
    "/models/{name}/drift",
    { params: { path: { name: model.name }, query: { version } } },
    { refetchInterval: LIVE_MS },
  );
  const shown = drift.data ? windowOf(drift.data, address.get("window")) : null;
  const sort = SORTS.find((name) => name === address.get("sort")) ?? "status";
  const feature = address.get("feature");
  const onSort = (by: Sort, ascending: boolean) => enter({ sort: by, order: ascending ? "up" : null });
  return (
    <Stack gap="lg">
      <Group align="flex-end" gap="md">
        <Select
          label={t("version")}
          value={String(version)}
          data={model.versions.map((one) => ({
            value: String(one.version),
            label: t(one.stage === "production" ? "versionInProduction" : "common:version", {
              number: one.version,
            }),
          }))}
          onChange={(chosen) => enter({ version: chosen, feature: null })}
          allowDeselect={false}
          w={220}
        />
        {shown && drift.data && (
          <SegmentedControl
            aria-label={t("window.label")}
            value={String(shown.days)}
            onChange={(days) => enter({ window: days })}
            data={drift.data.windows.map((window) => ({
              value: String(window.days),
              label: t("window.days", { count: window.days }),
            }))}
          />
        )}
        <Text size="sm" c="dimmed">
          {drift.data?.computed_at ? t("computed", { ago: format.ago(drift.data.computed_at) }) : t("hourly")}
        </Text>
      </Group>
      {drift.isError && <ProblemAlert error={drift.error} onRetry={() => drift.refetch()} />}
      {drift.isPending && <Skeleton height={240} aria-hidden />}
      {drift.data && <Status drift={drift.data} />}
      {drift.data && <QualityCard quality={drift.data.quality} days={shown?.days ?? null} />}
      {shown && drift.data && drift.data.status !== "too_few" && (
        <>
          <Text size="sm">
            {t("window.rows", {
              count: shown.rows,
              rows: format.integer(shown.rows),
              first: format.date(`${shown.first_day}T12:00:00`),
              last: format.date(`${shown.last_day}T12:00:00`),
            })}
          </Text>
          <WindowView
            window={shown}
            type={model.task as "classification" | "regression"}
            sort={sort}
            ascending={address.get("order") === "up"}
            onSort={onSort}
            onOpen={(name) => enter({ feature: name })}
          />
          <Thresholds thresholds={drift.data.thresholds} />
          <FeatureDetail
            name={feature}
            feature={shown.features.find((found) => found.feature === feature)}
            onClose={() => enter({ feature: null })}
          />
        </>
      )}
    </Stack>
  );
}
