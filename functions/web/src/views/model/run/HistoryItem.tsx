import { Badge, Blockquote, Collapse, Group, Stack, Text, Timeline, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArchive,
  IconArrowBackUp,
  IconRestore,
  IconRocket,
  IconSparkles,
  IconTrash,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ActorName } from "./Actor";
import { GateBadge, GateFigures } from "./GateFigures";
import { Moment } from "./Moment";

type Entry = Schemas["HistoryEntry"];

const ICONS = {
  published: IconSparkles,
  promoted: IconRocket,
  rolled_back: IconArrowBackUp,
  archived: IconArchive,
  restored: IconRestore,
  erased: IconTrash,
} as const;

/** One change: what, who, when, why, and what the gate said. */
export function HistoryItem({ item, ...rest }: { item: Entry }) {
  const { t } = useTranslation("run");
  const [opened, { toggle }] = useDisclosure(false);
  const Icon = ICONS[item.action];
  const what = useWhat(item);
  return (
    // Timeline gives each of its children its place in the line.
    <Timeline.Item
      {...rest}
      bullet={<Icon size={14} />}
      title={
        <Group gap="xs">
          <Text component="span" size="sm" fw={600}>
            {what}
          </Text>
          {item.forced && (
            <Badge color="orange" variant="light" tt="none">
              {t("history.forced")}
            </Badge>
          )}
        </Group>
      }
    >
      <Stack gap={4}>
        <Text size="xs" c="dimmed">
          <ActorName actor={item.actor} />
          {" · "}
          <Moment at={item.at} />
        </Text>
        {item.reason && (
          <Blockquote p="xs" my={2} maw={640}>
            <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
              {item.reason}
            </Text>
          </Blockquote>
        )}
        {item.gate && (
          <div>
            <UnstyledButton onClick={toggle} aria-expanded={opened} fz="xs" c="dimmed" td="underline">
              {opened ? t("history.hideGate") : t("history.showGate")}
            </UnstyledButton>
            <Collapse in={opened} maw={640} mt="xs">
              {opened && (
                <Stack gap="xs" align="flex-start">
                  <GateBadge decision={item.gate.decision} />
                  <GateFigures gate={item.gate} />
                </Stack>
              )}
            </Collapse>
          </div>
        )}
      </Stack>
    </Timeline.Item>
  );
}

function useWhat(item: Entry): string {
  const { t } = useTranslation("run");
  if (item.version === null) {
    return t("history.what.erasedAll");
  }
  const number = item.version;
  if (item.action === "published") {
    return t(
      item.to_stage === "production" ? "history.what.publishedToProduction" : "history.what.published",
      {
        number,
      },
    );
  }
  return t(`history.what.${item.action}`, { number });
}
