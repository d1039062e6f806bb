import { Alert, Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";
import { useReturnFocus } from "@/ui/useReturnFocus";
import { EraseReceipt } from "@/views/datasets/EraseReceipt";
import type { DatasetView } from "@/views/datasets/useDatasets";

/** Says what goes with a dataset before it is erased, and shows the receipt afterwards. */
export function EraseDialog({ dataset, onClose }: { dataset: DatasetView; onClose: () => void }) {
  const { t } = useTranslation(["datasets", "common"]);
  const queries = useQueryClient();
  useReturnFocus();
  const erase = $api.useMutation("delete", "/datasets/{dataset_id}", {
    onSuccess: () =>
      Promise.all(
        // Models lose their versions, and trainings their dataset.
        ["/datasets", "/models", "/jobs", "/erasures"].map((path) =>
          queries.invalidateQueries({ queryKey: ["get", path] }),
        ),
      ),
  });
  const close = () => {
    if (!erase.isPending) {
      onClose();
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      title={
        <Text span fw={650} style={{ overflowWrap: "anywhere" }}>
          {t(erase.data ? "erase.done" : "erase.title", { name: dataset.file_name })}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      {erase.data ? (
        <Stack>
          <EraseReceipt receipt={erase.data} />
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {t("common:close")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Alert color="red" icon={<IconAlertTriangle />}>
            {t("erase.forGood")}
          </Alert>
          <Text size="sm">{t("erase.goes")}</Text>
          <List size="sm">
            <List.Item>{t("erase.file")}</List.Item>
            <List.Item>{t("erase.versions")}</List.Item>
          </List>
          <Text size="sm">{t("erase.stays")}</Text>
          {erase.isError && <ProblemAlert error={erase.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close} disabled={erase.isPending} data-autofocus>
              {t("common:cancel")}
            </Button>
            <Button
              color="red"
              loading={erase.isPending}
              onClick={() => erase.mutate({ params: { path: { dataset_id: dataset.id } } })}
            >
              {t("common:delete")}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
