import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowRight, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { eligible } from "@/recipes/columns";
import { ColumnInput } from "@/views/dataset/clean/editor/ColumnInput";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";

const MAX_NAME = 200;

type Pair = { id: number; old: string | null; name: string };

export function RenameFields({ step, onChange, state }: FieldsOf<"rename">) {
  const { t } = useTranslation("clean");
  const columns = eligible(step.step, state);
  const [pairs, setPairs] = useState<Pair[]>(() => {
    const given = Object.entries(step.columns).map(([old, name], id) => ({ id, old, name }));
    return given.length > 0 ? given : [{ id: 0, old: null, name: "" }];
  });
  const become = (next: Pair[]) => {
    setPairs(next);
    const named = next.flatMap(({ old, name }) => (old === null ? [] : [[old, name.trim()] as const]));
    onChange({ ...step, columns: Object.fromEntries(named) });
  };
  const setPair = (id: number, change: Partial<Pair>) =>
    become(pairs.map((pair) => (pair.id === id ? { ...pair, ...change } : pair)));
  const taken = new Set(pairs.map(({ old }) => old));
  return (
    <Stack gap="xs">
      {pairs.map((pair, index) => (
        <Group key={pair.id} gap="xs" wrap="nowrap" align="flex-end">
          <div style={{ flex: 1, minWidth: 0 }}>
            <ColumnInput
              label={t("rename.old", { number: index + 1 })}
              columns={columns.filter(({ name }) => name === pair.old || !taken.has(name))}
              value={pair.old}
              onChange={(old) => setPair(pair.id, { old })}
            />
          </div>
          <IconArrowRight size={16} style={{ marginBottom: 10, flex: "none" }} aria-hidden />
          <TextInput
            label={t("rename.new", { number: index + 1 })}
            flex={1}
            miw={0}
            maxLength={MAX_NAME}
            value={pair.name}
            onChange={(event) => setPair(pair.id, { name: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mb={4}
            aria-label={t("rename.remove", { number: index + 1 })}
            onClick={() => become(pairs.filter(({ id }) => id !== pair.id))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        size="xs"
        w="fit-content"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          setPairs([...pairs, { id: Math.max(-1, ...pairs.map(({ id }) => id)) + 1, old: null, name: "" }])
        }
      >
        {t("rename.add")}
      </Button>
      <Text size="xs" c="dimmed">
        {t("rename.help")}
      </Text>
    </Stack>
  );
}
