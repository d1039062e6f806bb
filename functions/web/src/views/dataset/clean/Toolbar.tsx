import { ActionIcon, Group, Stack, Switch, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { StepColumn } from "@/recipes/columns";
import { ColumnInput } from "@/views/dataset/clean/editor/ColumnInput";

/** Take back, repeat, try by itself or not, and the column that is to be predicted. */
export function Toolbar({
  live,
  onLive,
  onUndo,
  onRedo,
  target,
  columns,
  onTarget,
}: {
  live: boolean;
  onLive: (live: boolean) => void;
  onUndo: (() => void) | null;
  onRedo: (() => void) | null;
  target: string | null;
  columns: readonly StepColumn[];
  onTarget: (target: string | null) => void;
}) {
  const { t } = useTranslation("clean");
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap={4}>
          <Tooltip label={t("undoKeys")}>
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={t("undo")}
              aria-keyshortcuts="Control+Z"
              disabled={onUndo === null}
              onClick={() => onUndo?.()}
            >
              <IconArrowBackUp size={18} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("redoKeys")}>
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={t("redo")}
              aria-keyshortcuts="Control+Shift+Z"
              disabled={onRedo === null}
              onClick={() => onRedo?.()}
            >
              <IconArrowForwardUp size={18} />
            </ActionIcon>
          </Tooltip>
        </Group>
        <Switch label={t("live")} checked={live} onChange={(event) => onLive(event.currentTarget.checked)} />
      </Group>
      <ColumnInput
        label={t("target.label")}
        description={t("target.help")}
        placeholder={t("target.none")}
        columns={columns}
        value={target}
        onChange={onTarget}
        isOptional
      />
    </Stack>
  );
}
