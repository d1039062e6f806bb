import { Alert, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { $api } from "@/api/client";
import { useRecipeVersion, VersionSelect } from "@/recipes/VersionSelect";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useTitle } from "@/ui/useTitle";
import { Waiting } from "@/ui/Waiting";
import { useDataset } from "@/views/dataset/Dataset";
import { changed } from "@/views/dataset/look/address";
import { ColumnDetail } from "@/views/dataset/look/ColumnDetail";
import { Columns } from "@/views/dataset/look/Columns";
import { Correlations } from "@/views/dataset/look/Correlations";
import { Missing } from "@/views/dataset/look/Missing";
import { Summary } from "@/views/dataset/look/Summary";
import { useRemedies } from "@/views/dataset/look/useRemedies";
import { Warnings } from "@/views/dataset/look/Warnings";

const SECTIONS = ["columns", "missing", "correlations"] as const;

/** What the analysis found: figures, what is odd, each column, gaps, correlations. */
export function Look() {
  const { t } = useTranslation("look");
  const dataset = useDataset();
  useTitle(t("title", { file: dataset.file_name }));
  const recipe = useRecipeVersion();
  const [params, setParams] = useSearchParams();
  const remedies = useRemedies(dataset.id);
  const profile = $api.useQuery("get", "/datasets/{dataset_id}/profile", {
    params: { path: { dataset_id: dataset.id }, query: { recipe } },
  });
  const section = SECTIONS.find((known) => known === params.get("show")) ?? "columns";
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h3">
          {t("heading")}
        </Title>
        <VersionSelect datasetId={dataset.id} />
      </Group>
      {profile.isPending && <Waiting />}
      {profile.isError && <ProblemAlert error={profile.error} onRetry={() => profile.refetch()} />}
      {profile.isSuccess && (
        <>
          {profile.data.rows === 0 && (
            <Alert color="orange" icon={<IconAlertTriangle />}>
              {t("noRows")}
            </Alert>
          )}
          <Summary profile={profile.data} />
          <Warnings profile={profile.data} remedies={remedies} trainPath={`/datasets/${dataset.id}/train`} />
          <Tabs
            value={section}
            onChange={(value) =>
              setParams((before) => changed(before, { show: value === "columns" ? null : value }), {
                replace: true,
                preventScrollReset: true,
              })
            }
            keepMounted={false}
          >
            <Tabs.List
              aria-label={t("sections.label")}
              mb="md"
              style={{ flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden" }}
            >
              {SECTIONS.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  <Text component="h2" size="sm" fw={600}>
                    {t(`sections.${name}`)}
                  </Text>
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="columns">
              <Columns profile={profile.data} remedies={remedies} />
            </Tabs.Panel>
            <Tabs.Panel value="missing">
              <Missing profile={profile.data} datasetId={dataset.id} />
            </Tabs.Panel>
            <Tabs.Panel value="correlations">
              <Correlations profile={profile.data} />
            </Tabs.Panel>
          </Tabs>
          <ColumnDetail profile={profile.data} remedies={remedies} />
        </>
      )}
    </Stack>
  );
}
