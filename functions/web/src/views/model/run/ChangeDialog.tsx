import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useReturnFocus } from "@/ui/useReturnFocus";

const MAX_REASON = 500;

/** Frame of all dialogs that change a stage: what happens, why, and the button that does it. */
export function ChangeDialog({
  title,
  onClose,
  reason,
  onReason,
  reasonRequired = false,
  confirm,
  color,
  isPending,
  onConfirm,
  children,
}: {
  title: string;
  onClose: () => void;
  reason: string;
  onReason: (reason: string) => void;
  reasonRequired?: boolean;
  confirm: string;
  color?: string;
  isPending: boolean;
  onConfirm: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation(["run", "common"]);
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="lg"
      closeButtonProps={{ "aria-label": t("common:close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <Stack>
          {children}
          <Textarea
            label={t(reasonRequired ? "reason.required" : "reason.optional")}
            description={t("reason.hint")}
            value={reason}
            onChange={(event) => onReason(event.currentTarget.value)}
            maxLength={MAX_REASON}
            required={reasonRequired}
            autosize
            minRows={2}
            maxRows={6}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
            <Button
              type="submit"
              loading={isPending}
              disabled={reasonRequired && reason.trim() === ""}
              {...(color ? { color } : {})}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
