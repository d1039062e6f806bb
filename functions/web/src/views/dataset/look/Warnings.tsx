import { Anchor, Button, Card, Group, Stack, Text, ThemeIcon, Title, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { withColumn } from "@/views/dataset/look/address";
import {
  type Column,
  columnsOf,
  type FileReport,
  type Profile,
  type Warning,
  warningsByCode,
} from "@/views/dataset/look/profile";
import { RemedyButton } from "@/views/dataset/look/RemedyButton";
import { type Remedy, remediesFor } from "@/views/dataset/look/remedies";
import type { Remedies } from "@/views/dataset/look/useRemedies";
import { useWarningText, type WarningCode } from "@/views/dataset/look/useWarningText";

const SHOWN = 3;
// No step of a recipe answers these, but an option of the training does.
const ANSWERED_BY_TRAINING = new Set(["imbalanced_target", "rows_in_time_order"]);

/** What is odd about the data, and a step against it, one click away. */
export function Warnings({
  profile,
  remedies,
  trainPath,
}: {
  profile: Profile;
  remedies: Remedies;
  trainPath: string;
}) {
  const { t } = useTranslation("look");
  const columns = useMemo(
    () => new Map(columnsOf(profile).map((column) => [column.name, column])),
    [profile],
  );
  const groups = useMemo(() => warningsByCode(profile.warnings), [profile]);
  const { decimal } = profile.file as FileReport;
  return (
    <Stack component="section" gap="sm" aria-labelledby="look-warnings">
      <Title order={2} size="h4" id="look-warnings">
        {t("warnings.title", { count: profile.warnings.length })}
      </Title>
      {groups.size === 0 ? (
        <Group gap="xs">
          <ThemeIcon variant="light" color="green" size="sm">
            <IconCircleCheck size={14} />
          </ThemeIcon>
          <Text size="sm">{t("warnings.none")}</Text>
        </Group>
      ) : (
        <Card withBorder padding={0}>
          {[...groups].map(([code, warnings], place) => (
            <WarningGroup
              key={code}
              code={code}
              warnings={warnings}
              columns={columns}
              remedies={remedies}
              decimal={decimal ?? "."}
              trainPath={trainPath}
              hasLine={place > 0}
            />
          ))}
        </Card>
      )}
    </Stack>
  );
}

function WarningGroup({
  code,
  warnings,
  columns,
  remedies,
  decimal,
  trainPath,
  hasLine,
}: {
  code: string;
  warnings: Warning[];
  columns: ReadonlyMap<string, Column>;
  remedies: Remedies;
  decimal: string;
  trainPath: string;
  hasLine: boolean;
}) {
  const { t, i18n } = useTranslation("look");
  const [shown, setShown] = useState(SHOWN);
  const found = warnings.map((warning) => ({
    warning,
    remedies: remediesFor(warning, columns.get(warning.column ?? ""), remedies.target, decimal),
  }));
  const title = i18n.exists(`look:warningTitle.${code}`)
    ? t(`warningTitle.${code as WarningCode}`)
    : t("warnings.other");
  // The likeliest remedy of each column, where it is the same kind for all of them.
  const first = found.flatMap((entry) => entry.remedies.slice(0, 1));
  const isShared = first.length > 1 && first.every((remedy) => remedy.key === first[0]?.key);
  return (
    <Group
      p="sm"
      gap="sm"
      align="flex-start"
      wrap="nowrap"
      {...(hasLine ? { style: { borderTop: "1px solid var(--mantine-color-default-border)" } } : {})}
    >
      <ThemeIcon variant="light" color="orange" size="md" mt={2}>
        <IconAlertTriangle size={16} />
      </ThemeIcon>
      <Stack gap={6} flex={1} miw={0}>
        <Group justify="space-between" gap="xs">
          <Title order={3} size="sm" fw={600}>
            {title}
            {warnings.length > 1 && (
              <Text span size="sm" c="dimmed" ml={6}>
                {t("warnings.columns", { count: warnings.length })}
              </Text>
            )}
          </Title>
          {isShared && <RemedyButton remedies={remedies} every={first} about={title} isPrimary />}
        </Group>
        {found.slice(0, shown).map((entry) => (
          <WarningLine
            key={`${entry.warning.column}: ${entry.warning.message}`}
            warning={entry.warning}
            remedies={remedies}
            own={entry.remedies}
            isPrimary={!isShared}
            trainPath={trainPath}
          />
        ))}
        {warnings.length > SHOWN && (
          <Button
            variant="subtle"
            size="compact-sm"
            style={{ alignSelf: "flex-start" }}
            // All of two thousand lines would be slow to draw, and nobody reads them.
            onClick={() => setShown(shown < warnings.length ? shown + 20 : SHOWN)}
          >
            {shown < warnings.length
              ? t("warnings.more", { count: Math.min(20, warnings.length - shown) })
              : t("warnings.fewer")}
          </Button>
        )}
      </Stack>
    </Group>
  );
}

/** One warning in words, with its steps. */
export function WarningLine({
  warning,
  remedies,
  own,
  isPrimary,
  trainPath,
}: {
  warning: Warning;
  remedies: Remedies;
  own: readonly Remedy[];
  isPrimary: boolean;
  trainPath?: string;
}) {
  const { t, i18n } = useTranslation("look");
  const textOf = useWarningText();
  const [params] = useSearchParams();
  const text = textOf(warning);
  const isElsewhere = text === null && i18n.language !== "en";
  return (
    <Group justify="space-between" gap="xs" align="flex-start">
      <Text size="sm" flex="1 1 16rem" miw={0} style={{ overflowWrap: "anywhere" }}>
        <span {...(isElsewhere ? { lang: "en" } : {})}>{text ?? warning.message}</span>{" "}
        {warning.column !== null && trainPath !== undefined && (
          <Anchor component={Link} to={withColumn(params, warning.column)} size="sm" underline="always">
            {t("warnings.look")}
            <VisuallyHidden> {warning.column}</VisuallyHidden>
          </Anchor>
        )}
      </Text>
      <Group gap={6}>
        {own.map((remedy, place) => (
          <RemedyButton
            key={remedy.key}
            remedies={remedies}
            every={[remedy]}
            about={warning.column ?? ""}
            isPrimary={isPrimary && place === 0}
          />
        ))}
        {trainPath !== undefined && ANSWERED_BY_TRAINING.has(warning.code) && (
          <Button component={Link} to={trainPath} size="compact-sm" variant="default">
            {t("warnings.train")}
          </Button>
        )}
      </Group>
    </Group>
  );
}
