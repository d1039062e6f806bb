import { Button, Card, Group, Stack, Text, Title, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/session/hooks";
import { EraseModel } from "@/ui/EraseModel";

/** What can't be undone. */
export function Danger({ name }: { name: string }) {
  const { t } = useTranslation("run");
  const mayErase = useMay("admin");
  const [opened, setOpened] = useState(false);
  return (
    <Card withBorder style={{ borderColor: "var(--mantine-color-red-6)" }}>
      <Group justify="space-between">
        <Stack gap={2} miw={0} style={{ flex: "1 1 300px" }}>
          <Title order={2} size="h5">
            {t("danger.title")}
          </Title>
          <Text size="sm">{t("danger.text")}</Text>
        </Stack>
        <Tooltip label={t("onlyAdmin")} disabled={mayErase} multiline maw={280}>
          <Button
            color="red"
            variant="outline"
            leftSection={<IconTrash size={16} />}
            {...(mayErase
              ? {}
              : { "data-disabled": true, "aria-disabled": true, "aria-description": t("onlyAdmin") })}
            onClick={() => mayErase && setOpened(true)}
          >
            {t("danger.erase")}
          </Button>
        </Tooltip>
      </Group>
      <EraseModel name={name} opened={opened} onClose={() => setOpened(false)} />
    </Card>
  );
}
