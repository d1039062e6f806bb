import { Alert, Anchor, Progress, Stack, Text } from "@mantine/core";
import { IconClockHour4, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "@/api/client";
import { useFormat } from "@/i18n/format";
import { DRIFT } from "./DriftBadge";
import { windowOf } from "./drift";

// What a report needs at least, before one tells by its thresholds.
const LEAST_ROWS = 100;

/** What the service says of the version, and what to do about it. */
export function Status({ drift }: { drift: Schemas["DriftView"] }) {
  const { t } = useTranslation("drift");
  if (drift.status === "not_measured") {
    return (
      <Alert icon={<IconRefresh />} color="blue" title={t("notMeasured.title")}>
        {t("notMeasured.text")}{" "}
        <Anchor component={Link} to="/datasets" size="sm">
          {t("notMeasured.action")}
        </Anchor>
      </Alert>
    );
  }
  if (drift.status === "too_few") {
    return <TooFew drift={drift} />;
  }
  const { color, Icon } = DRIFT[drift.status];
  return (
    <Alert icon={<Icon />} color={color} title={t(`headline.${drift.status}`)}>
      <Stack gap={4}>
        <Summary window={windowOf(drift, null)} />
        <Text size="sm">{t(`advice.${drift.status}`)}</Text>
      </Stack>
    </Alert>
  );
}

/** What decided: the service's own statement, in the language of the page. */
function Summary({ window }: { window: Schemas["DriftWindow"] | null }) {
  const { t } = useTranslation("drift");
  if (window === null) {
    return null;
  }
  const drifted = window.features.filter((feature) => feature.status === "drifted").length;
  const sentences = [
    t("summary.rows", { count: window.rows, days: window.days }),
    t("summary.features", { count: drifted }),
    window.predictions?.status === "drifted" ? t("summary.predictions") : "",
  ];
  return <Text size="sm">{sentences.join(" ")}</Text>;
}

function TooFew({ drift }: { drift: Schemas["DriftView"] }) {
  const { t } = useTranslation("drift");
  const format = useFormat();
  const least = Number(drift.thresholds.minimum_rows ?? LEAST_ROWS);
  const rows = drift.windows.at(-1)?.rows ?? 0;
  return (
    <Alert icon={<IconClockHour4 />} color="blue" title={t("tooFew.title")}>
      <Stack gap="xs">
        <Text size="sm">
          {t("tooFew.rows", { rows: format.integer(rows), least: format.integer(least) })}
        </Text>
        <Progress
          value={Math.min(100, (100 * rows) / least)}
          aria-label={t("tooFew.progress")}
          maw={360}
          size="lg"
        />
        <Text size="sm">{t("tooFew.when")}</Text>
      </Stack>
    </Alert>
  );
}
