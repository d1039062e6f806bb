import { Anchor, Button, Stack, Table, Text, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { useRecipeVersion } from "@/recipes/VersionSelect";
import { EmptyState } from "@/ui/EmptyState";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { Waiting } from "@/ui/Waiting";
import { withColumn } from "@/views/dataset/look/address";
import classes from "@/views/dataset/look/Missing.module.css";
import { MissingMapFigure } from "@/views/dataset/look/MissingMapFigure";
import { gappyColumns, missingMap, missingPatterns } from "@/views/dataset/look/missing";
import { columnsOf, type Profile } from "@/views/dataset/look/profile";

const FIRST = 15;
const MOST_COLUMNS = 60;
const PATTERNS = 5;
const ALL_ROWS = 1000;

/** Which columns lack values, in which rows, and what is lacking together. */
export function Missing({ profile, datasetId }: { profile: Profile; datasetId: string }) {
  const { t } = useTranslation("look");
  const gappy = useMemo(() => gappyColumns(columnsOf(profile)), [profile]);
  if (gappy.length === 0) {
    return (
      <EmptyState icon={<IconCircleCheck />} title={t("missing.noneTitle")} text={t("missing.noneText")} />
    );
  }
  return (
    <Stack gap="xl">
      <Shares profile={profile} />
      <Rows datasetId={datasetId} />
    </Stack>
  );
}

function Shares({ profile }: { profile: Profile }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const [params] = useSearchParams();
  const [shown, setShown] = useState(FIRST);
  const gappy = useMemo(() => gappyColumns(columnsOf(profile)), [profile]);
  return (
    <Stack component="section" gap="xs" aria-labelledby="look-shares">
      <Title order={3} size="h5" id="look-shares">
        {t("missing.shares", { count: gappy.length })}
      </Title>
      <ul className={classes.shares}>
        {gappy.slice(0, shown).map((column) => (
          <li key={column.name}>
            <Anchor
              component={Link}
              to={withColumn(params, column.name)}
              preventScrollReset
              size="sm"
              truncate
              title={column.name}
            >
              {column.name}
            </Anchor>
            <span className={classes.track} aria-hidden>
              <span className={classes.fill} style={{ width: `${column.missing_share * 100}%` }} />
            </span>
            <Text size="xs" c="dimmed" className={classes.figure ?? ""}>
              {t("detail.countShare", {
                number: format.integer(column.missing),
                share: format.percent(column.missing_share),
              })}
            </Text>
          </li>
        ))}
      </ul>
      {gappy.length > shown && (
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: "flex-start" }}
          onClick={() => setShown(shown + 50)}
        >
          {t("missing.more", { count: Math.min(50, gappy.length - shown) })}
        </Button>
      )}
    </Stack>
  );
}

function Rows({ datasetId }: { datasetId: string }) {
  const { t } = useTranslation("look");
  const format = useFormat();
  const recipe = useRecipeVersion();
  const preview = $api.useQuery("get", "/datasets/{dataset_id}/preview", {
    params: { path: { dataset_id: datasetId }, query: { recipe, limit: ALL_ROWS } },
  });
  const map = useMemo(() => preview.data && missingMap(preview.data, MOST_COLUMNS), [preview.data]);
  const patterns = useMemo(() => (map ? missingPatterns(map, PATTERNS) : []), [map]);
  if (preview.isError) {
    return <ProblemAlert error={preview.error} onRetry={() => preview.refetch()} />;
  }
  if (map === undefined) {
    return <Waiting />;
  }
  if (map.names.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("missing.noneInRows", { count: map.lacks.length })}
      </Text>
    );
  }
  return (
    <>
      <MissingMapFigure map={map} isCapped={map.names.length === MOST_COLUMNS} />
      {patterns.length > 0 && (
        <Stack component="section" gap="xs" aria-labelledby="look-patterns">
          <Title order={3} size="h5" id="look-patterns">
            {t("missing.patterns")}
          </Title>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("missing.lacking")}</Table.Th>
                <Table.Th ta="right">{t("detail.rows")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {patterns.map((pattern) => (
                <Table.Tr key={pattern.names.join("\n")}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>
                    {pattern.names.slice(0, 8).join(" · ")}
                    {pattern.names.length > 8 &&
                      ` · ${t("missing.others", { count: pattern.names.length - 8 })}`}
                  </Table.Td>
                  <Table.Td ta="right">{format.integer(pattern.rows)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      )}
    </>
  );
}
