import { ActionIcon, Button, Checkbox, Group, Radio, Stack, Text } from "@mantine/core";
import { IconArrowRight, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { eligible, isWords } from "@/recipes/columns";
import type { Value } from "@/recipes/faults";
import { ColumnsInput } from "@/views/dataset/clean/editor/ColumnsInput";
import { alike, chosenOf, sharedSuggestions } from "@/views/dataset/clean/editor/chosen";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { ValueInput } from "@/views/dataset/clean/editor/ValueInput";

type Pair = { id: number; old: Value | undefined; new: Value | null | undefined };

/** Old values beside new ones; what stands in a row without an old value is not part of the step. */
export function MapFields({ step, onChange, state, profiles }: FieldsOf<"map_values">) {
  const { t } = useTranslation("clean");
  const chosen = chosenOf(step.columns, state);
  const type = chosen[0]?.type ?? "categorical";
  const suggestions = sharedSuggestions(chosen, profiles);
  const [pairs, setPairs] = useState<Pair[]>(() => {
    const given = Object.entries(step.mapping).map(([old, value], id) => ({ id, old, new: value }));
    return given.length > 0 ? given : [{ id: 0, old: undefined, new: undefined }];
  });
  const become = (next: Pair[]) => {
    setPairs(next);
    const complete = next.filter(({ old, new: value }) => old !== undefined && value !== undefined);
    onChange({
      ...step,
      mapping: Object.fromEntries(complete.map((pair) => [String(pair.old), pair.new as Value | null])),
    });
  };
  const setPair = (id: number, change: Partial<Pair>) =>
    become(pairs.map((pair) => (pair.id === id ? { ...pair, ...change } : pair)));
  const fresh = () => Math.max(-1, ...pairs.map(({ id }) => id)) + 1;
  const old = (value: Value | undefined) =>
    type === "numeric" && typeof value === "string"
      ? Number(value)
      : type === "boolean" && typeof value === "string"
        ? value === "true"
        : value;
  return (
    <Stack>
      <ColumnsInput
        label={t("form.columns")}
        columns={alike(eligible(step.step, state), chosen)}
        value={step.columns}
        onChange={(columns) => onChange({ ...step, columns })}
      />
      <Stack gap="xs" component="fieldset" m={0} p={0} bd={0} miw={0}>
        <Text component="legend" size="sm" fw={500} p={0}>
          {t("map.pairs")}
        </Text>
        {pairs.map((pair, index) => (
          <Group key={pair.id} gap="xs" wrap="nowrap" align="flex-start">
            <div style={{ flex: 1, minWidth: 0 }}>
              <ValueInput
                label={t("map.old", { number: index + 1 })}
                hideLabel
                type={type}
                value={old(pair.old)}
                onChange={(value) => setPair(pair.id, { old: value })}
                suggestions={suggestions}
              />
            </div>
            <IconArrowRight size={16} style={{ marginTop: 10, flex: "none" }} aria-hidden />
            <div style={{ flex: 1, minWidth: 0 }}>
              {pair.new === null ? (
                <Text size="sm" c="dimmed" fs="italic" mt={8}>
                  {t("map.missing")}
                </Text>
              ) : (
                <ValueInput
                  label={t("map.new", { number: index + 1 })}
                  hideLabel
                  type={type}
                  value={pair.new}
                  onChange={(value) => setPair(pair.id, { new: value })}
                  suggestions={suggestions}
                />
              )}
              <Checkbox
                size="xs"
                mt={4}
                label={t("map.makeMissing")}
                checked={pair.new === null}
                onChange={(event) =>
                  setPair(pair.id, { new: event.currentTarget.checked ? null : undefined })
                }
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={4}
              aria-label={t("map.remove", { number: index + 1 })}
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
          onClick={() => setPairs([...pairs, { id: fresh(), old: undefined, new: undefined }])}
        >
          {t("map.add")}
        </Button>
      </Stack>
      {isWords(type) && (
        <Checkbox
          label={t("form.ignoreCase")}
          checked={step.ignore_case ?? false}
          onChange={(event) => {
            const { ignore_case: _, ...rest } = step;
            onChange(event.currentTarget.checked ? { ...rest, ignore_case: true } : rest);
          }}
        />
      )}
      <Others step={step} onChange={onChange} state={state} profiles={profiles} />
    </Stack>
  );
}

function Others({ step, onChange, state, profiles }: FieldsOf<"map_values">) {
  const { t } = useTranslation("clean");
  const chosen = chosenOf(step.columns, state);
  const [way, setWay] = useState(
    step.other === undefined ? "stay" : step.other === null ? "missing" : "value",
  );
  const { other, ...rest } = step;
  return (
    <>
      <Radio.Group
        label={t("map.others")}
        value={way}
        onChange={(next) => {
          setWay(next);
          onChange(next === "missing" ? { ...rest, other: null } : rest);
        }}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="stay" label={t("map.othersStay")} />
          <Radio value="missing" label={t("map.othersMissing")} />
          <Radio value="value" label={t("map.othersValue")} />
        </Stack>
      </Radio.Group>
      {way === "value" && (
        <ValueInput
          label={t("form.value")}
          type={chosen[0]?.type ?? "categorical"}
          value={other ?? undefined}
          onChange={(value) => onChange(value === undefined ? rest : { ...rest, other: value })}
          suggestions={sharedSuggestions(chosen, profiles)}
        />
      )}
    </>
  );
}
