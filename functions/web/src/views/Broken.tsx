import { Alert, Button, Group, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { PageTitle } from "@/ui/PageTitle";

/** What is shown when a view itself fails: a part of the page that can't be loaded, or a fault in it. */
export function Broken() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <Stack p="md" gap={0}>
      <PageTitle title={t("broken.title")} />
      <Alert color="red" icon={<IconAlertTriangle />} role="alert">
        <Stack>
          {t("broken.text", { reason: error instanceof Error ? error.message : String(error) })}
          <Group>
            <Button onClick={() => window.location.reload()}>{t("broken.reload")}</Button>
          </Group>
        </Stack>
      </Alert>
    </Stack>
  );
}
