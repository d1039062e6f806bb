import { Alert, Button, Card, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { withColumn } from "@/views/dataset/look/address";
import { DetailCharts } from "@/views/dataset/look/DetailCharts";
import { DetailFigures } from "@/views/dataset/look/DetailFigures";
import { DetailRelations } from "@/views/dataset/look/DetailRelations";
import { KindBadge } from "@/views/dataset/look/KindBadge";
import { type Column, columnsOf, type FileReport, type Profile } from "@/views/dataset/look/profile";
import { RemedyButton } from "@/views/dataset/look/RemedyButton";
import { remediesFor, remediesOf } from "@/views/dataset/look/remedies";
import type { Remedies } from "@/views/dataset/look/useRemedies";
import { WarningLine } from "@/views/dataset/look/Warnings";

/** All that is known of the column that the address names, beside the view. */
export function ColumnDetail({ profile, remedies }: { profile: Profile; remedies: Remedies }) {
  const { t } = useTranslation(["look", "common"]);
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const name = params.get("column");
  const columns = columnsOf(profile);
  const place = columns.findIndex((column) => column.name === name);
  const column = columns[place];
  return (
    <Drawer.Root
      opened={name !== null}
      onClose={() => navigate(withColumn(params, null), { replace: true, preventScrollReset: true })}
      position="right"
      size="lg"
      padding="md"
    >
      <Drawer.Overlay />
      <Drawer.Content>
        {/* Drawer.Header would be a second banner of the page. */}
        <Group p="md" pb="xs" justify="space-between" wrap="nowrap" align="flex-start">
          <Drawer.Title fw={650} fz="lg" style={{ overflowWrap: "anywhere" }}>
            {name}
          </Drawer.Title>
          <Drawer.CloseButton aria-label={t("common:close")} />
        </Group>
        <Drawer.Body>
          {column === undefined ? (
            name !== null && <Alert color="orange">{t("detail.unknown")}</Alert>
          ) : (
            <Stack gap="lg">
              <Group justify="space-between" gap="xs">
                <Confidence column={column} />
                <Group gap={4}>
                  <Neighbour column={columns[place - 1]} isNext={false} />
                  <Neighbour column={columns[place + 1]} isNext />
                </Group>
              </Group>
              <Oddities column={column} profile={profile} remedies={remedies} />
              <DetailCharts column={column} rows={profile.rows} />
              <DetailFigures column={column} rows={profile.rows} />
              <DetailRelations column={column} profile={profile} />
            </Stack>
          )}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Confidence({ column }: { column: Column }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  return (
    <Group gap="xs">
      <KindBadge kind={column.type} />
      {column.confidence !== null && (
        <Text size="xs" c="dimmed">
          {t("detail.confidence", { share: format.percent(column.confidence) })}
        </Text>
      )}
    </Group>
  );
}

function Neighbour({ column, isNext }: { column: Column | undefined; isNext: boolean }) {
  const { t } = useTranslation("look");
  const [params] = useSearchParams();
  const Icon = isNext ? IconChevronRight : IconChevronLeft;
  const label = isNext ? t("detail.next") : t("detail.previous");
  const icon = <Icon size={14} />;
  const look = {
    size: "compact-sm",
    variant: "default",
    ...(isNext ? { rightSection: icon } : { leftSection: icon }),
  } as const;
  if (column === undefined) {
    return (
      <Button {...look} disabled>
        {label}
      </Button>
    );
  }
  return (
    <Button {...look} component={Link} to={withColumn(params, column.name)} replace preventScrollReset>
      {label}
    </Button>
  );
}

function Oddities({ column, profile, remedies }: { column: Column; profile: Profile; remedies: Remedies }) {
  const { t } = useTranslation("look");
  const warnings = useMemo(
    () => profile.warnings.filter((warning) => warning.column === column.name),
    [profile, column],
  );
  const { decimal } = profile.file as FileReport;
  const offered = warnings.map((warning) => ({
    warning,
    remedies: remediesFor(warning, column, remedies.target, decimal),
  }));
  const known = new Set(
    offered.flatMap((entry) => entry.remedies.map((remedy) => JSON.stringify(remedy.step))),
  );
  const more = remediesOf(column, remedies.target).filter(
    (remedy) => !known.has(JSON.stringify(remedy.step)),
  );
  return (
    <Stack gap="xs">
      {offered.length > 0 && (
        <Card withBorder padding="sm">
          <Stack gap="xs">
            <Group gap={6}>
              <IconAlertTriangle size={16} color="var(--mantine-color-orange-6)" aria-hidden />
              <Title order={3} size="sm" fw={600}>
                {t("warnings.title", { count: offered.length })}
              </Title>
            </Group>
            {offered.map((entry) => (
              <WarningLine
                key={`${entry.warning.code}: ${entry.warning.message}`}
                warning={entry.warning}
                remedies={remedies}
                own={entry.remedies}
                isPrimary={false}
              />
            ))}
          </Stack>
        </Card>
      )}
      {more.length > 0 && (
        <Group gap={6}>
          <Title order={3} size="sm" fw={500} mr={4}>
            {t("detail.clean")}
          </Title>
          {more.map((remedy) => (
            <RemedyButton key={remedy.key} remedies={remedies} every={[remedy]} about={column.name} />
          ))}
        </Group>
      )}
    </Stack>
  );
}
