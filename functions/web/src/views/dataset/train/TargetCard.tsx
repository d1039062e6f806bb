import { Badge, Group, List, Radio, Stack, Text } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { MiniChart } from "@/views/dataset/train/MiniChart";
import type { Candidate } from "@/views/dataset/train/suggestTarget";
import classes from "@/views/dataset/train/TargetCard.module.css";

/** A column that is suggested as the target, with what it holds and why. */
export function TargetCard({
  candidate,
  rows,
  isBest,
  isChosen,
}: {
  candidate: Candidate;
  rows: number;
  isBest: boolean;
  isChosen: boolean;
}) {
  const { t } = useTranslation(["train", "common"]);
  const id = useId();
  const { column } = candidate;
  return (
    <Radio.Card
      value={column.name}
      p="md"
      className={classes.card ?? ""}
      aria-labelledby={`${id}-name`}
      aria-describedby={`${id}-why`}
      mod={{ chosen: isChosen }}
    >
      <Stack gap="sm" h="100%">
        <Group wrap="nowrap" gap="xs" align="flex-start">
          <Radio.Indicator mt={2} />
          <Text fw={650} id={`${id}-name`} lineClamp={2} style={{ overflowWrap: "anywhere" }}>
            {column.name}
          </Text>
        </Group>
        <Group gap={6}>
          <Badge variant="light" color="gray" tt="none">
            {t(`common:type.${column.type}`)}
          </Badge>
          {isBest && (
            <Badge variant="light" tt="none">
              {t("target.best")}
            </Badge>
          )}
        </Group>
        <MiniChart column={column} rows={rows} />
        <List size="xs" spacing={2} id={`${id}-why`} className={classes.reasons ?? ""}>
          {candidate.reasons.map((reason) => (
            <List.Item key={reason}>{t(`reason.${reason}`)}</List.Item>
          ))}
          {candidate.doubts.map((doubt) => (
            <List.Item key={doubt} c="dimmed">
              {t(`doubt.${doubt}`)}
            </List.Item>
          ))}
        </List>
      </Stack>
    </Radio.Card>
  );
}
