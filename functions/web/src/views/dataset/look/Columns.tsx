import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Pagination,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useFormat } from "@/i18n/format";
import { changed, withColumn } from "@/views/dataset/look/address";
import { ColumnCard } from "@/views/dataset/look/ColumnCard";
import { choiceOf, chooseColumns, KINDS, ORDERS } from "@/views/dataset/look/columns";
import { associationsOf, columnsOf, type Profile, warningsByColumn } from "@/views/dataset/look/profile";
import { droppedBy } from "@/views/dataset/look/remedies";
import type { Remedies } from "@/views/dataset/look/useRemedies";

const PER_PAGE = 24;

/** The columns as cards: searched, filtered, sorted, and by pages, since there may be thousands. */
export function Columns({ profile, remedies }: { profile: Profile; remedies: Remedies }) {
  const { t } = useTranslation(["look", "common"]);
  const format = useFormat();
  const [params, setParams] = useSearchParams();
  const choice = useMemo(() => choiceOf(params), [params]);
  const warnings = useMemo(() => warningsByColumn(profile.warnings), [profile]);
  const associations = useMemo(
    () => new Map(associationsOf(profile).map((entry) => [entry.column, entry.association])),
    [profile],
  );
  const found = useMemo(
    () => chooseColumns(columnsOf(profile), choice, warnings, associations),
    [profile, choice, warnings, associations],
  );
  const dropped = useMemo(() => droppedBy(remedies.draft), [remedies.draft]);
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
  const page = Math.min(pages, Math.max(1, Number(params.get("page")) || 1));
  const change = (changes: Record<string, string | null>) =>
    setParams((before) => changed(before, { page: null, ...changes }), {
      replace: true,
      preventScrollReset: true,
    });
  const kinds = KINDS.filter((kind) => profile.columns.some((column) => column.type === kind));
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <TextInput
          label={t("columns.search")}
          type="search"
          leftSection={<IconSearch size={16} />}
          value={choice.search}
          onChange={(event) => change({ search: event.currentTarget.value })}
          flex="1 1 12rem"
        />
        <NativeSelect
          label={t("columns.type")}
          value={choice.kind ?? ""}
          onChange={(event) => change({ type: event.currentTarget.value })}
          data={[
            { value: "", label: t("columns.allTypes") },
            ...kinds.map((kind) => ({ value: kind, label: t(`common:type.${kind}`) })),
          ]}
        />
        <NativeSelect
          label={t("columns.order")}
          value={choice.order}
          onChange={(event) =>
            change({ order: event.currentTarget.value === "file" ? null : event.currentTarget.value })
          }
          data={ORDERS.filter((order) => order !== "association" || associations.size > 0).map((order) => ({
            value: order,
            label: t(`columns.orders.${order}`),
          }))}
        />
        <Checkbox
          label={t("columns.withWarnings")}
          checked={choice.withWarnings}
          onChange={(event) => change({ warnings: event.currentTarget.checked ? "1" : null })}
          mb={8}
        />
        <Checkbox
          label={t("columns.withMissing")}
          checked={choice.withMissing}
          onChange={(event) => change({ missing: event.currentTarget.checked ? "1" : null })}
          mb={8}
        />
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {found.length === profile.columns.length
          ? t("columns.all", { count: found.length })
          : t("columns.some", {
              count: profile.columns.length,
              found: format.integer(found.length),
            })}
      </Text>
      {found.length === 0 && (
        <Stack align="flex-start" gap="xs">
          <Text>{t("columns.none")}</Text>
          <Button
            variant="default"
            size="compact-md"
            onClick={() => change({ search: null, type: null, warnings: null, missing: null })}
          >
            {t("columns.reset")}
          </Button>
        </Stack>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 4 }} spacing="sm">
        {found.slice((page - 1) * PER_PAGE, page * PER_PAGE).map((column) => (
          <ColumnCard
            key={column.name}
            column={column}
            rows={profile.rows}
            warnings={warnings.get(column.name)?.length ?? 0}
            association={associations.get(column.name)}
            isDropped={dropped.has(column.name)}
            to={withColumn(params, column.name)}
          />
        ))}
      </SimpleGrid>
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={(value) => change({ page: value === 1 ? null : String(value) })}
          getControlProps={(control) => ({ "aria-label": t(`columns.pages.${control}`) })}
          getItemProps={(number) => ({ "aria-label": t("columns.page", { number }) })}
          siblings={1}
          mt="xs"
          mx="auto"
        />
      )}
    </Stack>
  );
}
