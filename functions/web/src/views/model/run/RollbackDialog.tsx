import { Badge, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ChangeDialog } from "./ChangeDialog";
import { useChanged } from "./useChanged";

/** Put the version back that was in production before. */
export function RollbackDialog({
  model,
  back,
  onClose,
}: {
  model: Schemas["ModelView"];
  back: number;
  onClose: () => void;
}) {
  const { t } = useTranslation("run");
  const [reason, setReason] = useState("");
  const changed = useChanged();
  const rollback = $api.useMutation("post", "/models/{name}/rollback", {
    onSettled: changed,
    onSuccess: (answer) => {
      notifications.show({ color: "green", message: t("rollback.done", { number: answer.version }) });
      onClose();
    },
  });
  const present = model.production_version;
  return (
    <ChangeDialog
      title={t("rollback.title")}
      onClose={onClose}
      reason={reason}
      onReason={setReason}
      confirm={t("rollback.confirm", { number: back })}
      isPending={rollback.isPending}
      onConfirm={() =>
        rollback.mutate({
          params: { path: { name: model.name } },
          // A second click, or somebody else's rollback, must not lead one further back.
          body: {
            ...(present === null ? {} : { from_version: present }),
            ...(reason.trim() ? { reason: reason.trim() } : {}),
          },
        })
      }
    >
      <Text size="sm">
        {present === null
          ? t("rollback.intoNothing", { number: back })
          : t("rollback.what", { number: back, former: present })}
      </Text>
      <Lineage model={model} back={back} />
      <Text size="sm" c="dimmed">
        {t("rollback.noGate")}
      </Text>
      {rollback.isError && <ProblemAlert error={rollback.error} />}
    </ChangeDialog>
  );
}

/** Which versions were in production one after the other, and which one comes back. */
function Lineage({ model, back }: { model: Schemas["ModelView"]; back: number }) {
  const { t } = useTranslation(["run", "common"]);
  const steps = model.lineage.map((number, place) => ({ number, key: `${place}` }));
  const chosen = model.lineage.lastIndexOf(back);
  return (
    <Group gap={6} role="group" aria-label={t("rollback.lineage")}>
      <Text size="sm">{t("rollback.lineage")}</Text>
      {steps.map(({ number, key }, place) => (
        <Fragment key={key}>
          <Badge
            variant={place === chosen ? "filled" : "light"}
            color={place === chosen ? "indigo" : "gray"}
            tt="none"
          >
            {place === chosen ? t("rollback.comesBack", { number }) : t("common:version", { number })}
          </Badge>
          <IconArrowRight size={14} aria-hidden />
        </Fragment>
      ))}
      <Badge variant="light" color="green" tt="none">
        {model.production_version === null
          ? t("rollback.nothingNow")
          : t("rollback.now", { number: model.production_version })}
      </Badge>
    </Group>
  );
}
