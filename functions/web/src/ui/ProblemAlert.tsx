import { Alert, Button, Group, List, Stack } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ProblemError, UnreachableError } from "@/api/problem";
import { useProblemText } from "@/ui/useProblemText";

/** An error in words, every fault that the service named, and a way to try again. */
export function ProblemAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  if (error instanceof UnreachableError) {
    return <Unreachable {...(onRetry ? { onRetry } : {})} />;
  }
  const faults = error instanceof ProblemError ? error.faults : [];
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={t("problem.title")} role="alert">
      <Stack gap="xs" align="flex-start">
        {textOf(error)}
        {faults.length > 0 && (
          <List size="sm">
            {faults.map((fault) => (
              <List.Item
                key={`${fault.location}-${fault.instance}-${fault.feature}-${fault.code}-${fault.message}`}
              >
                {fault.feature ?? fault.location?.replace(/^body\./, "")}: {fault.message}
              </List.Item>
            ))}
          </List>
        )}
        {onRetry && (
          <Button size="xs" variant="light" color="red" onClick={onRetry}>
            {t("retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** The service does not answer at all. */
export function Unreachable({ onRetry }: { onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="orange" icon={<IconPlugConnectedX />} title={t("unreachable.title")} role="alert">
      {t("unreachable.text")}
      {onRetry && (
        <Group mt="xs">
          <Button size="xs" variant="light" color="orange" onClick={onRetry}>
            {t("retry")}
          </Button>
        </Group>
      )}
    </Alert>
  );
}
