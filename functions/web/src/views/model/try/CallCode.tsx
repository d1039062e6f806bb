import { Button, Code, CopyButton, Group, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Call, cliCall, curlCall, pythonCall } from "@/views/model/try/calls";

const WRITERS = { curl: curlCall, python: pythonCall, cli: cliCall } as const;
const LANGUAGES = Object.keys(WRITERS) as (keyof typeof WRITERS)[];

/** The same call for those who write programs. */
export function CallCode({ call }: { call: Call }) {
  const { t } = useTranslation("try");
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {t("code.title")}
      </Title>
      <Text size="sm" c="dimmed">
        {t("code.text")}
      </Text>
      <Tabs defaultValue="curl" keepMounted={false}>
        <Tabs.List>
          {LANGUAGES.map((language) => (
            <Tabs.Tab key={language} value={language}>
              {t(`code.${language}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {LANGUAGES.map((language) => (
          <Tabs.Panel key={language} value={language} pt="xs">
            <Snippet code={WRITERS[language](call)} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}

function Snippet({ code }: { code: string }) {
  const { t } = useTranslation("try");
  return (
    <Stack gap={4}>
      <Group justify="flex-end">
        <CopyButton value={code}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              onClick={copy}
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            >
              <span role="status">{copied ? t("code.copied") : t("code.copy")}</span>
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code
        block
        dir="ltr"
        // A long line scrolls, by the keyboard, too.
        tabIndex={0}
        mah={360}
        style={{ overflow: "auto" }}
      >
        {code}
      </Code>
    </Stack>
  );
}
