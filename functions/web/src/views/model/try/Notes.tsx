import { Alert, Anchor, Button, List, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

const MOST_NAMED = 20;

/** The service took some values for wrong; each is named with a way to it. */
export function RefusedNote({ names, onShow }: { names: readonly string[]; onShow: (name: string) => void }) {
  const { t } = useTranslation("try");
  return (
    <Alert
      color="red"
      icon={<IconAlertTriangle />}
      title={t("refused.title", { count: names.length })}
      role="alert"
    >
      <Text size="sm">{t("refused.text")}</Text>
      <List size="sm" mt={4}>
        {names.slice(0, MOST_NAMED).map((name) => (
          <List.Item key={name}>
            <Anchor component="button" type="button" size="sm" ta="start" onClick={() => onShow(name)}>
              {name}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** The form says something else by now than the answer is about. */
export function StaleNote({ onAsk, isPending }: { onAsk: () => void; isPending: boolean }) {
  const { t } = useTranslation("try");
  return (
    <Stack gap="xs" mt="md" align="flex-start">
      <Text size="sm" c="dimmed">
        {t("answer.stale")}
      </Text>
      <Button size="xs" variant="light" onClick={onAsk} loading={isPending}>
        {t("answer.askAgain")}
      </Button>
    </Stack>
  );
}
