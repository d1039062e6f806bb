import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { ChangeDialog } from "./ChangeDialog";
import { useChanged } from "./useChanged";

/** Take a version out of service, or put it back into staging. */
export function MoveDialog({
  name,
  number,
  stage,
  onClose,
}: {
  name: string;
  number: number;
  stage: "archived" | "staging";
  onClose: () => void;
}) {
  const { t } = useTranslation("run");
  const [reason, setReason] = useState("");
  const changed = useChanged();
  const change = $api.useMutation("put", "/models/{name}/stages/{stage}", {
    onSettled: changed,
    onSuccess: (answer) => {
      notifications.show({
        color: "green",
        message: t(answer.changed ? `move.${stage}.done` : `move.${stage}.wasSo`, { number }),
      });
      onClose();
    },
  });
  return (
    <ChangeDialog
      title={t(`move.${stage}.title`, { number })}
      onClose={onClose}
      reason={reason}
      onReason={setReason}
      confirm={t(`move.${stage}.confirm`)}
      isPending={change.isPending}
      onConfirm={() =>
        change.mutate({
          params: { path: { name, stage } },
          body: { version: number, force: false, ...(reason.trim() ? { reason: reason.trim() } : {}) },
        })
      }
    >
      <Text size="sm">{t(`move.${stage}.what`, { number })}</Text>
      {change.isError && <ProblemAlert error={change.error} />}
    </ChangeDialog>
  );
}
