import { Alert, Group, List, SimpleGrid, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconEqual,
  IconMoodSad,
  IconQuestionMark,
  IconThumbUp,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { readMetric } from "@/ui/metrics";
import { useMetricTexts } from "@/ui/useMetricTexts";
import { judge, type Verdict as VerdictCode } from "../report/judgement";
import type { Metrics } from "../report/report";
import { Section } from "../report/Section";
import { styles } from "../report/styles";

const LOOKS: Record<VerdictCode, { color: string; icon: React.ReactNode }> = {
  unknown: { color: "gray", icon: <IconQuestionMark size={22} /> },
  worse: { color: "red", icon: <IconMoodSad size={22} /> },
  unsure: { color: "orange", icon: <IconEqual size={22} /> },
  slight: { color: "yellow", icon: <IconCheck size={22} /> },
  clear: { color: "teal", icon: <IconCheck size={22} /> },
  strong: { color: "green", icon: <IconThumbUp size={22} /> },
  nearPerfect: { color: "orange", icon: <IconAlertTriangle size={22} /> },
};

/** How good the version is, in a sentence and three figures. */
export function Verdict({
  metric,
  metrics,
  task,
  target,
  holdoutRows,
  leaks,
}: {
  metric: string;
  metrics: Metrics;
  task: string;
  target: string;
  holdoutRows: number | null;
  leaks: readonly string[];
}) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  const texts = useMetricTexts();
  const judged = judge(metric, metrics);
  const look = LOOKS[judged.verdict];
  const skill = judged.skill === null ? "" : format.percent(Math.max(0, judged.skill), 0);
  const value = judged.holdout ?? judged.mean;
  const known = readMetric(metric);
  const said =
    value === null || known === null
      ? ""
      : t(`said.${known.name}`, { value: texts.formatValue(metric, value), target });
  return (
    <Section id="verdict" title={t("sections.verdict")}>
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon size={44} radius="xl" variant="light" color={look.color} aria-hidden>
          {look.icon}
        </ThemeIcon>
        <Stack gap={4} miw={0}>
          <Title order={3} size="h3">
            {t(`verdict.${judged.verdict}`, { skill })}
          </Title>
          {said !== "" && <Text>{said}</Text>}
          {judged.skill !== null && judged.skill > 0 && (
            <Text size="sm" c="dimmed">
              {t("verdict.skill", { skill, metric: texts.nameOf(metric) })}
            </Text>
          )}
        </Stack>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Big
          label={t("holdout")}
          value={texts.formatValue(metric, judged.holdout)}
          note={holdoutRows === null ? texts.nameOf(metric) : t("holdoutNote", { count: holdoutRows })}
        />
        <Big
          label={t("crossValidation")}
          value={texts.formatValue(metric, judged.mean)}
          {...(judged.std === null ? {} : { spread: texts.formatValue(metric, judged.std) })}
          note={judged.folds === null ? texts.nameOf(metric) : t("foldsNote", { count: judged.folds })}
        />
        <Big
          label={t("baseline")}
          value={texts.formatValue(metric, judged.baseline)}
          note={t(task === "classification" ? "baselineClasses" : "baselineNumbers")}
        />
      </SimpleGrid>
      <List size="sm" spacing={4}>
        <List.Item>
          <strong>{texts.nameOf(metric)}</strong> · {texts.meaningOf(metric)} {texts.directionOf(metric)}
        </List.Item>
        {judged.steady !== null && <List.Item>{t(judged.steady ? "steady" : "unsteady")}</List.Item>}
      </List>
      {leaks.length > 0 && (
        <Alert
          classNames={{ title: styles.title }}
          color="orange"
          icon={<IconAlertTriangle />}
          title={t("leaks.title")}
        >
          <Stack gap={4}>
            <Text size="sm">{t("leaks.text")}</Text>
            <List size="sm">
              {leaks.map((leak) => (
                <List.Item key={leak} lang="en">
                  {leak}
                </List.Item>
              ))}
            </List>
          </Stack>
        </Alert>
      )}
    </Section>
  );
}

function Big({
  label,
  value,
  spread,
  note,
}: {
  label: string;
  value: string;
  spread?: string;
  note: string;
}) {
  return (
    <Stack gap={0}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={26} fw={650} lh={1.3}>
        {value}
        {spread !== undefined && (
          <Text span size="md" c="dimmed">
            {` ± ${spread}`}
          </Text>
        )}
      </Text>
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </Stack>
  );
}
