import { Button, Menu, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import { ICONS, type Kind, PURPOSES } from "@/views/dataset/clean/kinds";

const MAX_STEPS = 100;

/** Choose what the next step is to do: all kinds by their purpose, each with what it is good for. */
export function AddStep({
  count,
  onAdd,
  ref,
}: {
  count: number;
  onAdd: (kind: Kind) => void;
  ref: Ref<HTMLButtonElement>;
}) {
  const { t } = useTranslation("clean");
  return (
    <Menu position="bottom-start" width={340} shadow="md" withinPortal={false} returnFocus>
      <Menu.Target>
        <Button ref={ref} leftSection={<IconPlus size={16} />} disabled={count >= MAX_STEPS}>
          {t("add")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw="calc(100vw - 4rem)" mah="min(26rem, 60vh)" style={{ overflowY: "auto" }}>
        {(Object.keys(PURPOSES) as (keyof typeof PURPOSES)[]).map((purpose) => (
          // biome-ignore lint/a11y/useSemanticElements: a menu may hold groups, but no fieldset
          <div key={purpose} role="group" aria-label={t(`purpose.${purpose}`)}>
            <Menu.Label aria-hidden>{t(`purpose.${purpose}`)}</Menu.Label>
            {PURPOSES[purpose].map((kind) => {
              const KindIcon = ICONS[kind];
              return (
                <Menu.Item key={kind} leftSection={<KindIcon size={18} />} onClick={() => onAdd(kind)}>
                  <Stack gap={0}>
                    <Text size="sm" fw={550}>
                      {t(`kind.${kind}.name`)}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {t(`kind.${kind}.text`)}
                    </Text>
                  </Stack>
                </Menu.Item>
              );
            })}
          </div>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
