import { Anchor, Group, Stack, Table, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { DriftBadge } from "./DriftBadge";
import { type Feature, type Sort, sorted, strangeOf } from "./drift";

const SEARCHABLE = 12;

/** All features with the figures that tell whether they moved; each opens its distribution. */
export function FeatureTable({
  features,
  sort,
  ascending,
  onSort,
  onOpen,
}: {
  features: Feature[];
  sort: Sort;
  ascending: boolean;
  onSort: (sort: Sort, ascending: boolean) => void;
  onOpen: (feature: string) => void;
}) {
  const { t } = useTranslation(["drift", "common"]);
  const format = useFormat();
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLocaleLowerCase();
  const shown = sorted(features, sort, ascending).filter((feature) =>
    feature.feature.toLocaleLowerCase().includes(wanted),
  );
  const head = (by: Sort, label: string) => (
    <SortHead
      label={label}
      sorts={sort === by ? (ascending ? "ascending" : "descending") : "none"}
      // Names begin at A, figures at the largest.
      onSort={() => onSort(by, sort === by ? !ascending : by === "feature")}
    />
  );
  return (
    <Stack gap="xs">
      {features.length > SEARCHABLE && (
        <TextInput
          type="search"
          label={t("table.search")}
          leftSection={<IconSearch size={16} />}
          maw={320}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <Table.ScrollContainer
        minWidth={840}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": t("table.title"), role: "region" } }}
      >
        <Table highlightOnHover aria-label={t("table.title")}>
          <Table.Thead>
            <Table.Tr>
              {head("feature", t("table.feature"))}
              {head("status", t("table.status"))}
              {head("psi", t("table.psi"))}
              {head("js_distance", t("table.js"))}
              {head("superiority", t("table.superiority"))}
              {head("missing", t("table.missing"))}
              {head("strange", t("table.strange"))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((feature) => (
              <Table.Tr key={feature.feature}>
                <Table.Td miw={130} maw={260}>
                  <Anchor
                    component="button"
                    type="button"
                    fw={600}
                    size="sm"
                    ta="start"
                    onClick={() => onOpen(feature.feature)}
                    aria-label={t("table.open", { feature: feature.feature })}
                    style={{ overflowWrap: "anywhere" }}
                  >
                    {feature.feature}
                  </Anchor>
                  <Text size="xs" c="dimmed">
                    {t(`common:type.${feature.type}`)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <DriftBadge status={feature.status} />
                </Table.Td>
                <Table.Td>
                  <WithChance
                    figure={format.number(feature.psi, 3)}
                    chance={t("table.byChance", { figure: format.number(feature.psi_by_chance, 2) })}
                  />
                </Table.Td>
                <Table.Td>{format.number(feature.js_distance, 2)}</Table.Td>
                <Table.Td>
                  <Superiority feature={feature} />
                </Table.Td>
                <Table.Td>
                  <Shares share={feature.missing ?? null} />
                </Table.Td>
                <Table.Td>
                  <Shares share={strangeOf(feature)} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {shown.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t("table.nothing")}
        </Text>
      )}
    </Stack>
  );
}

function SortHead({
  label,
  sorts,
  onSort,
}: {
  label: string;
  sorts: "ascending" | "descending" | "none";
  onSort: () => void;
}) {
  const Icon = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort }[sorts];
  return (
    <Table.Th aria-sort={sorts}>
      <UnstyledButton onClick={onSort} fz="sm" fw={700}>
        <Group gap={4} wrap="nowrap">
          {label}
          <Icon size={14} aria-hidden opacity={sorts === "none" ? 0.45 : 1} />
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}

function WithChance({ figure, chance }: { figure: string; chance: string }) {
  return (
    <>
      <Text size="sm">{figure}</Text>
      <Text size="xs" c="dimmed">
        {chance}
      </Text>
    </>
  );
}

function Superiority({ feature }: { feature: Feature }) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  if (typeof feature.superiority !== "number") {
    return "–";
  }
  return (
    <WithChance
      figure={format.percent(feature.superiority, 0)}
      chance={t("table.byChance", { figure: `± ${format.percent(feature.superiority_by_chance ?? 0, 0)}` })}
    />
  );
}

function Shares({ share }: { share: Schemas["Share"] | null }) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  return share === null ? (
    "–"
  ) : (
    <WithChance
      figure={format.percent(share.observed)}
      chance={t("table.expected", { share: format.percent(share.expected) })}
    />
  );
}
