import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ProblemError } from "@/api/problem";
import { useFormat } from "@/i18n/format";

/** The refusal for a limit, if an error is one. */
export function limitOf(error: unknown): ProblemError | null {
  return error instanceof ProblemError && error.status === 429 ? error : null;
}

/** A limit leaves no room now: which one, and when it is worth trying again. */
export function LimitAlert({ problem }: { problem: ProblemError }) {
  const { t, i18n } = useTranslation("train");
  const format = useFormat();
  const [refusedAt] = useState(() => Date.now());
  const seconds = problem.problem.retry_after ?? null;
  return (
    <Alert color="orange" icon={<IconHourglass />} title={t("limit.title")} role="alert">
      <Stack gap="xs">
        <Text size="sm" {...(i18n.language === "en" ? {} : { lang: "en" })}>
          {problem.message}
        </Text>
        {seconds !== null && (
          <Text size="sm">
            {t("limit.again", {
              time: format.time(new Date(refusedAt + seconds * 1000).toISOString()),
              duration: format.duration(seconds),
            })}
          </Text>
        )}
        <Anchor component={Link} to="/trainings" size="sm">
          {t("limit.trainings")}
        </Anchor>
      </Stack>
    </Alert>
  );
}
