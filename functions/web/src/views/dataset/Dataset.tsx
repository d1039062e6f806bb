import { Alert, Group, Progress, Stack } from "@mantine/core";
import {
  IconAlertTriangle,
  IconChartBar,
  IconListDetails,
  IconPlayerPlay,
  IconWand,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Outlet, useOutletContext, useParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { useFormat } from "@/i18n/format";
import { BackLink } from "@/ui/BackLink";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { StatusBadge } from "@/ui/StatusBadge";
import { TabLinks } from "@/ui/TabLinks";
import { Unavailable } from "@/ui/Unavailable";
import { Waiting } from "@/ui/Waiting";

export type DatasetView = Schemas["DatasetView"];

/** Frame of the views of one dataset: its name, its status, and the way to look, clean and train. */
export function Dataset() {
  const { t } = useTranslation(["datasets", "common"]);
  const format = useFormat();
  const { datasetId = "" } = useParams();
  const dataset = $api.useQuery(
    "get",
    "/datasets/{dataset_id}",
    { params: { path: { dataset_id: datasetId } } },
    { refetchInterval: (query) => (query.state.data ? pollWhile([query.state.data.status]) : false) },
  );
  if (dataset.isPending) {
    return <Waiting />;
  }
  // What is shown stays, with all that was typed into it, when merely asking again fails.
  if (dataset.isLoadingError) {
    return <Unavailable thing="dataset" error={dataset.error} onRetry={() => dataset.refetch()} />;
  }
  const { data } = dataset;
  const base = `/datasets/${data.id}`;
  return (
    <Stack gap={0}>
      <BackLink to="/datasets" label={t("common:shell.datasets")} />
      <PageTitle
        title={data.file_name}
        subtitle={
          <Group gap="xs">
            <StatusBadge status={data.status} />
            {data.status === "READY" &&
              t("size", {
                rows: format.integer(data.rows),
                columns: format.integer(data.columns),
                bytes: format.bytes(data.size_bytes),
              })}
          </Group>
        }
      />
      {dataset.isRefetchError && <ProblemAlert error={dataset.error} onRetry={() => dataset.refetch()} />}
      {data.status === "FAILED" && (
        <Alert color="red" icon={<IconAlertTriangle />} title={t("failed")} role="alert">
          {data.error?.message}
        </Alert>
      )}
      {(data.status === "UPLOADING" || data.status === "ANALYZING") && (
        <Stack role="status">
          <Progress value={100} animated aria-label={t(`common:status.${data.status}`)} />
          {t("underWay")}
        </Stack>
      )}
      {data.status === "READY" && (
        <>
          <TabLinks
            label={data.file_name}
            links={[
              { to: base, label: t("tabs.look"), icon: <IconChartBar size={16} /> },
              { to: `${base}/rows`, label: t("tabs.rows"), icon: <IconListDetails size={16} /> },
              { to: `${base}/clean`, label: t("tabs.clean"), icon: <IconWand size={16} /> },
              { to: `${base}/train`, label: t("tabs.train"), icon: <IconPlayerPlay size={16} /> },
            ]}
          />
          <Outlet context={data} />
        </>
      )}
    </Stack>
  );
}

/** The dataset whose views these are; it is READY. */
export function useDataset(): DatasetView {
  return useOutletContext<DatasetView>();
}
