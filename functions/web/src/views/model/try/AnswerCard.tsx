import { Alert, Badge, Card, Group, List, Progress, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { StageBadge } from "@/ui/StageBadge";
import { ChangeNote } from "@/views/model/try/ChangeNote";
import type { Field } from "@/views/model/try/fields";
import { IntervalScale } from "@/views/model/try/IntervalScale";
import { ReasonsFigure } from "@/views/model/try/ReasonsFigure";
import { rankedClasses } from "@/views/model/try/reasons";
import classes from "@/views/model/try/Try.module.css";
import type { Asked } from "@/views/model/try/useAsk";
import { useFindingText } from "@/views/model/try/words";

const MOST_CLASSES = 6;

/** One answer: how it came out, how sure it is, what is unusual about the row, and why. */
export function AnswerCard({
  asked,
  former,
  target,
  fields,
  isStale,
}: {
  asked: Asked;
  former: Asked | null;
  target: string;
  fields: readonly Field[];
  isStale: boolean;
}) {
  const { t } = useTranslation(["try", "common"]);
  const format = useFormat();
  const textOf = useFindingText();
  const { prediction, answer } = asked;
  const value = prediction.prediction;
  const { probabilities, interval, reasons } = prediction;
  return (
    <Stack gap="md" style={{ opacity: isStale ? 0.65 : 1 }}>
      <div>
        <Text size="sm" c="dimmed">
          {target}
        </Text>
        <p className={classes.big}>{typeof value === "number" ? format.number(value, 6) : value}</p>
        <Group gap="xs" mt={4}>
          <Badge variant="light" tt="none" color="gray">
            {t("common:version", { number: answer.version })}
          </Badge>
          <StageBadge stage={answer.stage} />
        </Group>
      </div>
      {former !== null && <ChangeNote before={former} after={asked} fields={fields} />}
      {answer.warnings.length > 0 && (
        <Alert
          color="orange"
          icon={<IconAlertTriangle />}
          title={t("answer.warnings", { count: answer.warnings_total })}
        >
          <List size="sm">
            {answer.warnings.map((warning) => (
              <List.Item key={`${warning.feature}-${warning.code}`} style={{ overflowWrap: "anywhere" }}>
                {t("answer.warning", {
                  name: warning.feature,
                  text: textOf(
                    warning,
                    fields.find((field) => field.name === warning.feature),
                  ),
                })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {probabilities && <Probabilities probabilities={probabilities} />}
      {interval && typeof value === "number" && (
        <IntervalScale
          value={value}
          interval={interval}
          former={typeof former?.prediction.prediction === "number" ? former.prediction.prediction : null}
        />
      )}
      {reasons && <ReasonsFigure reasons={reasons} fields={fields} />}
      {!asked.hasReasons && (
        <Text size="sm" c="dimmed">
          {t("reasons.none")}
        </Text>
      )}
    </Stack>
  );
}

function Probabilities({ probabilities }: { probabilities: Record<string, number> }) {
  const { t } = useTranslation("try");
  const format = useFormat();
  const { shown, others, share } = rankedClasses(probabilities, MOST_CLASSES);
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {t("answer.probabilities")}
      </Title>
      {shown.map(([label, probability]) => (
        <div key={label} className={classes.bar}>
          <span className={classes.name} title={label}>
            {label}
          </span>
          <span>{format.percent(probability)}</span>
          <Progress value={probability * 100} aria-label={label} color="indigo" />
        </div>
      ))}
      {others > 0 && (
        <Text size="sm" c="dimmed">
          {t("answer.otherClasses", { count: others, share: format.percent(share) })}
        </Text>
      )}
    </Stack>
  );
}

/** The place of an answer before there is one. */
export function NoAnswer({ target }: { target: string }) {
  const { t } = useTranslation("try");
  return (
    <Stack gap={4}>
      <Title order={2} size="h4">
        {t("answer.title")}
      </Title>
      <Text c="dimmed">{t("answer.none", { target })}</Text>
    </Stack>
  );
}

export function AnswerFrame({ children }: { children: React.ReactNode }) {
  return (
    <Card withBorder padding="lg" className={classes.answer ?? ""}>
      {children}
    </Card>
  );
}
