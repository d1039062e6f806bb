import { Button, Menu, ScrollArea, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ICONS, type Kind, PURPOSES } from "@/views/dataset/clean/kinds";

const MAX_STEPS = 100;

/** Choose what the next step is to do: all kinds by their purpose, each with what it is good for. */
export function AddStep({ count, onAdd }: { count: number; onAdd: (kind: Kind) => void }) {
  const { t } = useTranslation("clean");
  return (
    <Menu position="bottom-start" width={340} shadow="md" withinPortal>
      <Menu.Target>
        <Button leftSection={<IconPlus size={16} />} disabled={count >= MAX_STEPS}>
          {t("add")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw="calc(100vw - 2rem)">
        <ScrollArea.Autosize mah="min(26rem, 60vh)" type="auto" viewportProps={{ tabIndex: -1 }}>
          {(Object.keys(PURPOSES) as (keyof typeof PURPOSES)[]).map((purpose) => (
            <div key={purpose}>
              <Menu.Label>{t(`purpose.${purpose}`)}</Menu.Label>
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
        </ScrollArea.Autosize>
      </Menu.Dropdown>
    </Menu>
  );
}
