import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Alert, Group, List, Menu, Paper, Stack, Text, ThemeIcon, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconGripVertical,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Step } from "@/recipes/draft";
import { sentenceOf } from "@/recipes/sentence";
import { ICONS } from "@/views/dataset/clean/kinds";
import { StepEffect } from "@/views/dataset/clean/StepEffect";
import { useWords } from "@/views/dataset/clean/useWords";

/** What the page says is wrong, in its language; what the service says, in English. */
export type CardFaults = { own: string[]; service: string[] };

export type StepActions = {
  onEdit: () => void;
  onDuplicate: () => void;
  onDelete: () => void;
  onMove: (by: -1 | 1) => void;
};

/** One step: what it does as a sentence, what it did to the data, what is wrong with it. */
export function StepCard({
  id,
  step,
  number,
  count,
  faults,
  effect,
  actions,
}: {
  id: string;
  step: Step;
  number: number;
  count: number;
  faults: CardFaults;
  effect: Schemas["StepEffect"] | null;
  /** Absent for those who may only read. */
  actions: StepActions | null;
}) {
  const { t } = useTranslation("clean");
  const words = useWords();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } =
    useSortable({
      id,
      disabled: actions === null,
      attributes: { roleDescription: t("drag.role") },
    });
  const KindIcon = ICONS[step.step];
  const hasFaults = faults.own.length + faults.service.length > 0;
  return (
    <Paper
      ref={setNodeRef}
      component="li"
      withBorder
      p="xs"
      shadow={isDragging ? "md" : "none"}
      style={{
        transform: CSS.Translate.toString(transform),
        transition,
        position: "relative",
        zIndex: isDragging ? 1 : 0,
        ...(hasFaults ? { borderColor: "var(--mantine-color-red-filled)" } : {}),
      }}
    >
      <Group gap="xs" wrap="nowrap" align="flex-start">
        {actions && (
          <ActionIcon
            ref={setActivatorNodeRef}
            variant="subtle"
            color="gray"
            {...attributes}
            {...listeners}
            aria-label={t("step.drag", { number })}
            style={{ cursor: isDragging ? "grabbing" : "grab", touchAction: "none" }}
          >
            <IconGripVertical size={16} />
          </ActionIcon>
        )}
        <ThemeIcon
          visibleFrom="xs"
          variant="light"
          size={28}
          color={hasFaults ? "red" : "indigo"}
          aria-hidden
        >
          <KindIcon size={16} />
        </ThemeIcon>
        <Stack gap={4} flex={1} miw={0}>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            <Text span size="xs" c="dimmed" mr={6}>
              {t("step.number", { number })}
            </Text>
            {sentenceOf(step, words)}
          </Text>
          {effect && <StepEffect effect={effect} />}
          {hasFaults && (
            <Alert
              color="red"
              p="xs"
              icon={<IconAlertTriangle size={16} />}
              aria-label={t("step.faults", { number })}
            >
              <List size="sm" listStyleType="none">
                {faults.own.map((text) => (
                  <List.Item key={text}>{text}</List.Item>
                ))}
                {faults.service.map((text) => (
                  <List.Item key={text} lang="en">
                    {text}
                  </List.Item>
                ))}
              </List>
            </Alert>
          )}
        </Stack>
        {actions && <Actions number={number} count={count} actions={actions} />}
      </Group>
    </Paper>
  );
}

function Actions({ number, count, actions }: { number: number; count: number; actions: StepActions }) {
  const { t } = useTranslation("clean");
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label={t("step.edit")} events={{ hover: true, focus: true, touch: false }}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("step.editNumber", { number })}
          onClick={actions.onEdit}
        >
          <IconPencil size={16} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t("step.more", { number })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={actions.onDuplicate}>
            {t("step.duplicate")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowUp size={16} />}
            disabled={number === 1}
            onClick={() => actions.onMove(-1)}
          >
            {t("step.up")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={16} />}
            disabled={number === count}
            onClick={() => actions.onMove(1)}
          >
            {t("step.down")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={actions.onDelete}>
            {t("step.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
