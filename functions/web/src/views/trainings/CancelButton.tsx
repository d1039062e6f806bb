import { Button, Group, Modal, Stack, Text, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api, type Schemas } from "@/api/client";
import { useMay } from "@/session/hooks";
import { useProblemText } from "@/ui/useProblemText";

export function CancelButton({ job }: { job: Schemas["JobView"] }) {
  const { t } = useTranslation(["trainings", "common"]);
  const [isAsking, { open, close }] = useDisclosure(false);
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
  return (
    <>
      <Tooltip label={t("cancel.viewer")} disabled={mayCancel}>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} />}
          loading={cancel.isPending || job.status === "CANCELLING"}
          onClick={() => mayCancel && open()}
          {...(mayCancel ? {} : { "data-disabled": true, "aria-disabled": true })}
        >
          {t("cancel.action")}
        </Button>
      </Tooltip>
      <Modal
        opened={isAsking}
        onClose={close}
        title={t("cancel.title")}
        closeButtonProps={{ "aria-label": t("common:close") }}
      >
        <Stack>
          <Text size="sm">{t("cancel.text")}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t("cancel.keep")}
            </Button>
            <Button
              color="red"
              onClick={() => {
                close();
                cancel.mutate(params);
              }}
            >
              {t("cancel.confirm")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
