import { Alert, Button, Card, Group, Skeleton, Stack, Text, ThemeIcon, Title, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconFlask,
  IconReportAnalytics,
  IconRocket,
  IconRocketOff,
} from "@tabler/icons-react";
import { useState } from "react";
import { Trans, useTranslation } from "react-i18next";
import { Link } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { useMay } from "@/session/hooks";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ActorName } from "./Actor";
import { Moment } from "./Moment";
import { RollbackDialog } from "./RollbackDialog";
import { comesBack } from "./run";

/** Which version answers, since when, and who put it there. */
export function Serving({ model }: { model: Schemas["ModelView"] }) {
  const { t } = useTranslation("run");
  const mayChange = useMay("admin");
  const [asks, setAsks] = useState(false);
  const number = model.production_version;
  const back = comesBack(model);
  const base = `/models/${encodeURIComponent(model.name)}`;
  const why = mayChange ? (back === null ? t("rollback.nothing") : null) : t("onlyAdmin");
  return (
    <Card withBorder padding="lg">
      <Group justify="space-between" align="flex-start">
        <Group wrap="nowrap" align="flex-start" miw={0} style={{ flex: "1 1 300px" }}>
          <ThemeIcon size={44} radius="md" variant="light" color={number === null ? "orange" : "green"}>
            {number === null ? <IconRocketOff size={24} /> : <IconRocket size={24} />}
          </ThemeIcon>
          <Stack gap={4} miw={0}>
            <Title order={2} size="h4">
              {number === null ? t("serving.none") : t("serving.version", { number })}
            </Title>
            {number === null ? <Text size="sm">{t("serving.noneText")}</Text> : <Since model={model} />}
          </Stack>
        </Group>
        <Group gap="xs">
          {number !== null && (
            <>
              <Button
                component={Link}
                to={`${base}/versions/${number}`}
                variant="default"
                leftSection={<IconReportAnalytics size={16} />}
              >
                {t("actions.judge")}
              </Button>
              <Button
                component={Link}
                to={`${base}/try`}
                variant="default"
                leftSection={<IconFlask size={16} />}
              >
                {t("actions.try")}
              </Button>
            </>
          )}
          <Tooltip label={why ?? ""} disabled={why === null} multiline maw={280}>
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} />}
              {...(why === null
                ? {}
                : { "data-disabled": true, "aria-disabled": true, "aria-description": why })}
              onClick={() => why === null && setAsks(true)}
            >
              {t("rollback.action")}
            </Button>
          </Tooltip>
        </Group>
      </Group>
      {asks && back !== null && <RollbackDialog model={model} back={back} onClose={() => setAsks(false)} />}
    </Card>
  );
}

function Since({ model }: { model: Schemas["ModelView"] }) {
  const { t } = useTranslation("run");
  const history = $api.useQuery("get", "/models/{name}/history", {
    params: { path: { name: model.name }, query: { limit: 1 } },
  });
  if (history.isPending) {
    return <Skeleton height={16} width={280} maw="100%" aria-hidden />;
  }
  if (history.isError) {
    return <ProblemAlert error={history.error} onRetry={() => history.refetch()} />;
  }
  const change = history.data.put_there_by;
  return (
    change && (
      <Stack gap={4}>
        <Text size="sm">
          <Trans
            t={t}
            i18nKey="serving.since"
            components={{ moment: <Moment at={change.at} />, actor: <ActorName actor={change.actor} /> }}
          />
        </Text>
        {change.forced && (
          <Alert color="orange" variant="light" p="xs">
            {t("serving.forced")}
          </Alert>
        )}
        {change.reason && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {t("history.reason", { reason: change.reason })}
          </Text>
        )}
      </Stack>
    )
  );
}
