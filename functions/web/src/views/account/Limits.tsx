import { Card, Group, Progress, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useMay } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { fillOf, shareUsed } from "./used";

const LIVE_MS = 15_000;
const COLORS = { free: "indigo", nearly: "orange", full: "red" } as const;

/** What one may have, and has; the service tells it to administrators. */
export function Limits() {
  const { t } = useTranslation("account");
  const maySee = useMay("admin");
  return (
    <Card withBorder component="section">
      <Stack gap="md">
        <Title order={2} size="h4">
          {t("limits.title")}
        </Title>
        {maySee ? <Bars /> : <Text size="sm">{t("limits.onlyAdmin")}</Text>}
      </Stack>
    </Card>
  );
}

function Bars() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const limits = $api.useQuery("get", "/limits", {}, { refetchInterval: LIVE_MS });
  if (limits.isPending) {
    return <Skeleton height={110} aria-hidden />;
  }
  if (limits.isError) {
    return <ProblemAlert error={limits.error} onRetry={() => limits.refetch()} />;
  }
  const { data } = limits;
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} verticalSpacing="md">
        <Bar name={t("limits.running")} limit={data.running_trainings} write={format.integer} />
        <Bar name={t("limits.perDay")} limit={data.trainings_per_day} write={format.integer} />
        <Bar name={t("limits.datasets")} limit={data.datasets} write={format.integer} />
        <Bar name={t("limits.bytes")} limit={data.stored_bytes} write={format.bytes} />
      </SimpleGrid>
      <Text size="sm">{t("limits.upload", { bytes: format.bytes(data.max_upload_bytes) })}</Text>
    </>
  );
}

function Bar({
  name,
  limit,
  write,
}: {
  name: string;
  limit: Schemas["LimitView"];
  write: (value: number) => string;
}) {
  const { t } = useTranslation("account");
  const share = shareUsed(limit);
  const used = write(limit.used);
  const said =
    limit.limit === null
      ? t("limits.unlimited", { used })
      : t("limits.of", { used, limit: write(limit.limit) });
  const fill = fillOf(share ?? 0);
  return (
    <Stack gap={4}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          {name}
        </Text>
        <Text size="sm">
          {said}
          {fill !== "free" && ` – ${t(`limits.${fill}`)}`}
        </Text>
      </Group>
      {share !== null && (
        <Progress.Root size="lg">
          <Progress.Section
            value={100 * share}
            color={COLORS[fill]}
            aria-label={name}
            aria-valuetext={said}
          />
        </Progress.Root>
      )}
    </Stack>
  );
}
