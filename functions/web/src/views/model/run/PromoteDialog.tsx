import { Alert, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconShieldX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ChangeDialog } from "./ChangeDialog";
import { FigureTable, GateFigures } from "./GateFigures";
import { figureOf } from "./run";
import { useChanged } from "./useChanged";

/** Put a version into production: what is compared, what the gate says, and how to overrule it. */
export function PromoteDialog({
  model,
  version,
  onClose,
}: {
  model: Schemas["ModelView"];
  version: Schemas["VersionSummary"];
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation("run");
  const [reason, setReason] = useState("");
  const [gate, setGate] = useState<Schemas["GateView"] | null>(null);
  const changed = useChanged();
  const change = $api.useMutation("put", "/models/{name}/stages/{stage}", {
    onSettled: changed,
    onError: (error) => setGate(error instanceof ProblemError ? (error.problem.gate ?? null) : null),
    onSuccess: (answer) => {
      const number = answer.version;
      const statement = answer.change?.gate?.statement;
      notifications.show({
        color: "green",
        title: t(answer.changed ? "promote.done" : "promote.wasSo", { number }),
        message: statement && <span {...(i18n.language === "en" ? {} : { lang: "en" })}>{statement}</span>,
      });
      onClose();
    },
  });
  const number = version.version;
  const former = model.production_version;
  const ask = () =>
    change.mutate({
      params: { path: { name: model.name, stage: "production" } },
      body: { version: number, force: gate !== null, ...(reason.trim() ? { reason: reason.trim() } : {}) },
    });
  return (
    <ChangeDialog
      title={t("promote.title", { number })}
      onClose={onClose}
      reason={reason}
      onReason={setReason}
      reasonRequired={gate !== null}
      confirm={gate ? t("promote.force") : t("promote.confirm", { number })}
      {...(gate ? { color: "red" } : {})}
      isPending={change.isPending}
      onConfirm={ask}
    >
      {gate ? (
        <Alert color="red" icon={<IconShieldX />} title={t("promote.refused")} role="alert">
          <Stack gap="sm">
            <GateFigures gate={gate} />
            <Text size="sm">{t("promote.overrule")}</Text>
          </Stack>
        </Alert>
      ) : (
        <>
          <Text size="sm">
            {former === null
              ? t("promote.intoNothing", { number })
              : t("promote.inPlaceOf", { number, former })}
          </Text>
          <BeforeGate model={model} version={version} />
          {change.isError && <ProblemAlert error={change.error} />}
        </>
      )}
    </ChangeDialog>
  );
}

/** What the gate is going to compare; whether that is good enough, the service decides. */
function BeforeGate({ model, version }: { model: Schemas["ModelView"]; version: Schemas["VersionSummary"] }) {
  const { t } = useTranslation("run");
  const former = model.versions.find((other) => other.version === model.production_version);
  const metric = former?.metric ?? version.metric;
  return (
    <Stack gap="xs">
      <FigureTable
        metric={metric}
        rows={[
          [t("gate.version", { number: version.version }), figureOf(version, "holdout", metric)],
          ...(former
            ? [
                [
                  t("gate.versionInProduction", { number: former.version }),
                  figureOf(former, "holdout", metric),
                ] satisfies [string, number | null],
              ]
            : []),
          [t("gate.baseline"), figureOf(former ?? version, "baseline", metric)],
        ]}
      />
      <Text size="sm" c="dimmed">
        {former ? t("gate.rule") : t("gate.ruleAlone")}
      </Text>
    </Stack>
  );
}
