import { Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import type { ModelView } from "@/views/model/Model";
import { totals } from "./usage";

// Charts are loaded when there is something to draw.
const UsageFigure = lazy(async () => ({ default: (await import("./UsageFigure")).UsageFigure }));

/** How often the version in production is asked, and how fast it answers. */
export function Usage({ model }: { model: ModelView }) {
  const { t } = useTranslation("run");
  return (
    <Stack component="section" gap="xs" aria-labelledby="usage">
      <Title order={2} size="h4" id="usage">
        {t("usage.title")}
      </Title>
      {model.production_version === null ? (
        <Text c="dimmed">{t("usage.noProduction")}</Text>
      ) : (
        <Counted name={model.name} version={model.production_version} />
      )}
    </Stack>
  );
}

function Counted({ name, version }: { name: string; version: number }) {
  const { t } = useTranslation("run");
  const format = useFormat();
  const drift = $api.useQuery("get", "/models/{name}/drift", {
    params: { path: { name }, query: { version } },
  });
  if (drift.isPending) {
    return <Waiting />;
  }
  if (drift.isError) {
    return <ProblemAlert error={drift.error} onRetry={() => drift.refetch()} />;
  }
  const days = drift.data.traffic ?? [];
  const { requests, rows } = totals(days);
  if (requests > 0) {
    return (
      <Suspense fallback={<Waiting />}>
        <UsageFigure days={days} version={version} />
      </Suspense>
    );
  }
  return (
    <Text c="dimmed">
      {rows > 0
        ? t("usage.batchOnly", { version, rows: format.integer(rows) })
        : t("usage.none", { version })}
    </Text>
  );
}
