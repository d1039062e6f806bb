import { Button, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { useMay } from "@/session/hooks";
import { useProblemText } from "@/ui/useProblemText";

export function CancelButton({ job }: { job: Schemas["JobView"] }) {
  const { t } = useTranslation(["trainings", "common"]);
  const mayCancel = useMay("editor");
  const textOf = useProblemText();
  const queries = useQueryClient();
  const params = { params: { path: { job_id: job.id } } };
  const { queryKey } = $api.queryOptions("get", "/jobs/{job_id}", params);
  const cancel = $api.useMutation("delete", "/jobs/{job_id}", {
    onSuccess: (cancelled) => queries.setQueryData(queryKey, cancelled),
    onError: (error) => {
      notifications.show({ color: "red", title: t("common:problem.title"), message: textOf(error) });
    },
    // Whatever the answer: what it is now is to be shown.
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey }),
        queries.invalidateQueries({ queryKey: ["get", "/jobs"] }),
      ]),
  });
  const confirm = () =>
    modals.openConfirmModal({
      title: t("cancel.title"),
      children: <Text size="sm">{t("cancel.text")}</Text>,
      labels: { confirm: t("cancel.confirm"), cancel: t("cancel.keep") },
      confirmProps: { color: "red" },
      onConfirm: () => cancel.mutate(params),
    });
  return (
    <Tooltip label={t("cancel.viewer")} disabled={mayCancel}>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} />}
        loading={cancel.isPending || job.status === "CANCELLING"}
        onClick={() => mayCancel && confirm()}
        {...(mayCancel ? {} : { "data-disabled": true, "aria-disabled": true })}
      >
        {t("cancel.action")}
      </Button>
    </Tooltip>
  );
}
