import {
  Alert,
  Button,
  Collapse,
  Group,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { IconAlertTriangle, IconBulb, IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ColumnList } from "@/views/dataset/train/ColumnList";
import type { TrainForm } from "@/views/dataset/train/form";
import { Section } from "@/views/dataset/train/Section";
import type { Suggestion } from "@/views/dataset/train/suggestTarget";
import { TargetCard } from "@/views/dataset/train/TargetCard";

/** The column to be predicted: the best guesses as cards, all others in a list. */
export function TargetSection({
  form,
  suggestion,
  rows,
}: {
  form: TrainForm;
  suggestion: Suggestion;
  rows: number;
}) {
  const { t } = useTranslation("train");
  const { target } = form.values;
  const { best, clear, candidates } = suggestion;
  const chosen = candidates.find(({ column }) => column.name === target);
  const isSuggested = best.some(({ column }) => column.name === target);
  const [opened, setOpened] = useState(best.length === 0);
  const choose = (name: string) => form.setFieldValue("target", name);
  return (
    <Section title={t("target.title")} text={t("target.text")}>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <IconBulb size={18} style={{ flexShrink: 0 }} aria-hidden />
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {best[0] === undefined
            ? t("target.suggestedNone")
            : clear
              ? t("target.suggestedClear", { name: best[0].column.name })
              : t("target.suggestedOpen")}
        </Text>
      </Group>
      {best.length > 0 && (
        <Radio.Group
          value={isSuggested ? target : ""}
          onChange={choose}
          label={<VisuallyHidden>{t("target.suggestions")}</VisuallyHidden>}
          // Unseen, it takes no line of its own.
          labelProps={{ pos: "absolute" }}
          name="suggested-target"
        >
          <SimpleGrid cols={{ base: 1, sm: Math.min(2, best.length), lg: best.length }}>
            {best.map((candidate, place) => (
              <TargetCard
                key={candidate.column.name}
                candidate={candidate}
                rows={rows}
                isBest={place === 0 && clear}
                isChosen={candidate.column.name === target}
              />
            ))}
          </SimpleGrid>
        </Radio.Group>
      )}
      {target !== "" && !isSuggested && (
        <Stack gap={2}>
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {t("target.chosen", { name: target })}
          </Text>
          {chosen?.doubts.map((doubt) => (
            <Text key={doubt} size="sm" c="dimmed">
              {t(`doubt.${doubt}`)}
            </Text>
          ))}
        </Stack>
      )}
      {target !== "" && !chosen && (
        <Alert color="orange" icon={<IconAlertTriangle />}>
          {t("target.gone", { name: target })}
        </Alert>
      )}
      {form.errors.target && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert" id="target-error">
          {form.errors.target}
        </Text>
      )}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
          rightSection={<IconChevronDown size={14} style={{ rotate: opened ? "180deg" : "0deg" }} />}
        >
          {opened ? t("target.hideAll") : t("target.all", { count: candidates.length })}
        </Button>
        <Collapse in={opened}>
          {opened && <ColumnList candidates={candidates} value={target} onChange={choose} />}
        </Collapse>
      </div>
    </Section>
  );
}
