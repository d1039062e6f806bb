import { Anchor, Button, Group, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { StageBadge } from "@/ui/StageBadge";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { MoveDialog } from "./MoveDialog";
import { PromoteDialog } from "./PromoteDialog";
import { figureOf } from "./run";
import { type Asked, VersionActions } from "./VersionActions";

const SHOWN = 10;

type Version = Schemas["VersionSummary"];

/** All versions with their stage and figures, and what may be done with each. */
export function Versions({ model }: { model: Schemas["ModelView"] }) {
  const { t } = useTranslation(["run", "common"]);
  const [asked, setAsked] = useState<{ version: number; what: Asked } | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const shown = model.versions.filter(
    (version, place) => showsAll || place < SHOWN || version.version === model.production_version,
  );
  const about = model.versions.find((version) => version.version === asked?.version);
  const close = () => setAsked(null);
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t("versions.title")}
      </Title>
      <Table verticalSpacing="sm" aria-label={t("versions.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("versions.version")}</Table.Th>
            <Table.Th>{t("versions.figure")}</Table.Th>
            <Table.Th visibleFrom="md">{t("versions.crossValidation")}</Table.Th>
            <Table.Th visibleFrom="sm">{t("versions.baseline")}</Table.Th>
            <Table.Th visibleFrom="md">{t("versions.trained")}</Table.Th>
            <Table.Th>
              <VisuallyHidden>{t("versions.actions")}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((version) => (
            <VersionRow
              key={version.version}
              model={model}
              version={version}
              onAsk={(what) => setAsked({ version: version.version, what })}
            />
          ))}
        </Table.Tbody>
      </Table>
      {shown.length < model.versions.length && (
        <Group>
          <Button variant="default" size="xs" onClick={() => setShowsAll(true)}>
            {t("versions.all", { count: model.versions.length })}
          </Button>
        </Group>
      )}
      {about && asked?.what === "promote" && <PromoteDialog model={model} version={about} onClose={close} />}
      {about && (asked?.what === "archived" || asked?.what === "staging") && (
        <MoveDialog name={model.name} number={about.version} stage={asked.what} onClose={close} />
      )}
    </Stack>
  );
}

function VersionRow({
  model,
  version,
  onAsk,
}: {
  model: Schemas["ModelView"];
  version: Version;
  onAsk: (what: Asked) => void;
}) {
  const { t } = useTranslation(["run", "common"]);
  const format = useFormat();
  const texts = useMetricTexts();
  const { metric } = version;
  const shown = (figure: number | null) => (figure === null ? "–" : format.number(figure, 4));
  const mean = figureOf(version, "cross_validation", metric);
  const std = figureOf(version, "cross_validation", `${metric}_std`);
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={4} align="flex-start">
          <Anchor
            component={Link}
            to={`/models/${encodeURIComponent(model.name)}/versions/${version.version}`}
            fw={600}
            style={{ whiteSpace: "nowrap" }}
          >
            {t("common:version", { number: version.version })}
          </Anchor>
          <StageBadge stage={version.stage} />
          <Text size="xs" c="dimmed" hiddenFrom="md">
            {format.date(version.created_at)}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={600}>
          {shown(figureOf(version, "holdout", metric))}
        </Text>
        <Text size="xs" c="dimmed">
          {texts.nameOf(metric)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
        {mean === null || std === null
          ? shown(mean)
          : t("versions.spread", { mean: shown(mean), std: shown(std) })}
      </Table.Td>
      <Table.Td visibleFrom="sm">{shown(figureOf(version, "baseline", metric))}</Table.Td>
      <Table.Td visibleFrom="md">
        <time dateTime={version.created_at} title={format.dateTime(version.created_at)}>
          {format.ago(version.created_at)}
        </time>
      </Table.Td>
      <Table.Td>
        <VersionActions model={model} version={version} onAsk={onAsk} />
      </Table.Td>
    </Table.Tr>
  );
}
