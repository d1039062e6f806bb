import { Slider, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { TrainForm } from "@/views/dataset/train/form";
import { Section } from "@/views/dataset/train/Section";
import { Segments } from "@/views/dataset/train/Segments";

// Seconds that can be chosen; a step of the slider leads to the next one.
const STOPS = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600];
const PRESETS = { quick: 15, good: 60, thorough: 300 } as const;
const LEVELS = ["default", "quick", "good", "thorough"] as const;
// Reading, storing and starting up come on top of the search.
const OVERHEAD_SECONDS = 10;

type Level = (typeof LEVELS)[number];

export function levelOf(seconds: number | null): Level {
  if (seconds === null) {
    return "default";
  }
  return seconds < 45 ? "quick" : seconds < 180 ? "good" : "thorough";
}

/** How long the search may take. */
export function BudgetSection({ form }: { form: TrainForm }) {
  const { t } = useTranslation("train");
  const format = useFormat();
  const { budget } = form.values;
  const level = levelOf(budget);
  const choose = (seconds: number | null) => form.setFieldValue("budget", seconds);
  const place = STOPS.findLastIndex((stop) => stop <= (budget ?? PRESETS.good));
  const ends = new Date(Date.now() + ((budget ?? 0) + OVERHEAD_SECONDS) * 1000).toISOString();
  return (
    <Section title={t("budget.title")} text={t("budget.text")}>
      <Segments
        label={t("budget.label")}
        data={LEVELS.map((value) => ({ value, label: t(`budget.${value}`) }))}
        value={level}
        onChange={(chosen) => choose(chosen === "default" ? null : PRESETS[chosen])}
      />
      <Stack gap="xs" maw={520}>
        <Slider
          min={0}
          max={STOPS.length - 1}
          value={Math.max(0, place)}
          onChange={(stop) => choose(STOPS[stop] ?? null)}
          label={(stop) => format.duration(STOPS[stop] ?? 0)}
          styles={budget === null ? { bar: { display: "none" } } : {}}
          mx="sm"
          thumbLabel={t("budget.slider")}
          thumbProps={{ "aria-valuetext": budget === null ? t("budget.default") : format.duration(budget) }}
          marks={[0, 6, 13].map((stop) => ({ value: stop, label: format.duration(STOPS[stop] ?? 0) }))}
          mb="lg"
        />
        <Text size="sm">
          {budget !== null && <strong>{format.duration(budget)}. </strong>}
          {t(`budget.means.${level}`)}
        </Text>
        {budget !== null && (
          <Text size="sm" c="dimmed">
            {t("budget.ends", { time: format.time(ends) })}
          </Text>
        )}
        {form.errors.budget && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {form.errors.budget}
          </Text>
        )}
      </Stack>
    </Section>
  );
}
