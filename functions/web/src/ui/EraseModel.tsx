import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { $api } from "@/api/client";
import { ProblemAlert } from "@/ui/ProblemAlert";

const TOUCHED = new Set(["/models", "/erasures", "/limits"]);

/** Erase a model, once its name was typed; the list of models then shows the receipt. */
export function EraseModel({
  name,
  opened,
  onClose,
}: {
  name: string;
  opened: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation(["models", "common"]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("erase.title", { name })}
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <EraseForm name={name} onClose={onClose} />
    </Modal>
  );
}

function EraseForm({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation(["models", "common"]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const id = useId();
  const erasure = $api.useMutation("delete", "/models/{name}", {
    onSuccess: async (receipt) => {
      onClose();
      await navigate(`/models?erased=${receipt.id}`);
      // The view that is being left must not ask for what is gone; whoever goes back asks, and is told.
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/models/"),
        refetchType: "none",
      });
      await queries.invalidateQueries({ predicate: ({ queryKey }) => TOUCHED.has(String(queryKey[1])) });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (typed === name) {
          erasure.mutate({ params: { path: { name } } });
        }
      }}
    >
      <Stack>
        <Text size="sm">{t("erase.what")}</Text>
        <List size="sm">
          <List.Item>{t("erase.goes")}</List.Item>
          <List.Item>{t("erase.stays")}</List.Item>
        </List>
        <Alert color="red" variant="light">
          {t("erase.final")}
        </Alert>
        <Text size="sm" id={id} style={{ overflowWrap: "anywhere" }}>
          {t("erase.type", { name })}
        </Text>
        <TextInput
          label={t("erase.name")}
          aria-describedby={id}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {erasure.isError && <ProblemAlert error={erasure.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
          <Button
            type="submit"
            color="red"
            leftSection={<IconTrash size={16} />}
            disabled={typed !== name}
            loading={erasure.isPending}
          >
            {t("erase.confirm")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
