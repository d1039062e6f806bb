import { Badge, Group, Stack } from "@mantine/core";
import {
  IconActivity,
  IconColumns2,
  IconFileSpreadsheet,
  IconFlask,
  IconReportAnalytics,
  IconRocket,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Outlet, useOutletContext, useParams } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { BackLink } from "@/ui/BackLink";
import { PageTitle } from "@/ui/PageTitle";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { TabLinks } from "@/ui/TabLinks";
import { Unavailable } from "@/ui/Unavailable";
import { Waiting } from "@/ui/Waiting";

export type ModelView = Schemas["ModelView"];

/** Frame of the views of one model: run, judge, compare, try, batch, drift. */
export function Model() {
  const { t } = useTranslation(["models", "common"]);
  const { name = "", version } = useParams();
  const model = $api.useQuery("get", "/models/{name}", { params: { path: { name } } });
  if (model.isPending) {
    return <Waiting />;
  }
  // What is shown stays, with all that was typed into it, when merely asking again fails.
  if (model.isLoadingError) {
    return <Unavailable thing="model" error={model.error} onRetry={() => model.refetch()} />;
  }
  const { data } = model;
  const base = `/models/${encodeURIComponent(data.name)}`;
  const judged = version ?? data.production_version ?? data.latest_version;
  return (
    <Stack gap={0}>
      <BackLink to="/models" label={t("common:shell.models")} />
      <PageTitle
        title={data.name}
        subtitle={
          <Group gap="xs">
            <Badge variant="light" tt="none">
              {t(`common:task.${data.task as "classification" | "regression"}`)}
            </Badge>
            {t("predicts", { target: data.target })}
          </Group>
        }
      />
      {model.isRefetchError && <ProblemAlert error={model.error} onRetry={() => model.refetch()} />}
      <TabLinks
        label={data.name}
        links={[
          { to: base, label: t("tabs.run"), icon: <IconRocket size={16} /> },
          {
            to: `${base}/versions/${judged}`,
            label: t("tabs.judge"),
            icon: <IconReportAnalytics size={16} />,
          },
          { to: `${base}/compare`, label: t("tabs.compare"), icon: <IconColumns2 size={16} /> },
          { to: `${base}/try`, label: t("tabs.try"), icon: <IconFlask size={16} /> },
          { to: `${base}/batch`, label: t("tabs.batch"), icon: <IconFileSpreadsheet size={16} /> },
          { to: `${base}/drift`, label: t("tabs.drift"), icon: <IconActivity size={16} /> },
        ]}
      />
      <Outlet context={data} />
    </Stack>
  );
}

/** The model whose views these are. */
export function useModel(): ModelView {
  return useOutletContext<ModelView>();
}
