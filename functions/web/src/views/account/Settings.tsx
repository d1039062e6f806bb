import {
  Card,
  type MantineColorScheme,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Title,
  useMantineColorScheme,
} from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, setLanguage } from "@/i18n";

const SCHEMES: readonly MantineColorScheme[] = ["light", "dark", "auto"];

/** Language and theme of the page, kept in this browser. */
export function Settings() {
  const { t, i18n } = useTranslation(["account", "common"]);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const id = useId();
  return (
    <Card withBorder component="section">
      <Stack gap="md">
        <Title order={2} size="h4">
          {t("settings.title")}
        </Title>
        <Select
          label={t("common:shell.language")}
          value={i18n.language}
          data={(Object.keys(LANGUAGES) as Language[]).map((language) => ({
            value: language,
            label: LANGUAGES[language],
          }))}
          onChange={(language) => language && setLanguage(language as Language)}
          allowDeselect={false}
          maw={260}
        />
        <Stack gap={4} align="flex-start">
          <Text size="sm" fw={500} id={id}>
            {t("common:shell.theme")}
          </Text>
          <SegmentedControl
            aria-labelledby={id}
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
            data={SCHEMES.map((scheme) => ({ value: scheme, label: t(`common:shell.themes.${scheme}`) }))}
          />
        </Stack>
        <Text size="sm" c="dimmed">
          {t("settings.kept")}
        </Text>
      </Stack>
    </Card>
  );
}
