import { Button, Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useTitle } from "@/ui/useTitle";

export function NotFound() {
  const { t } = useTranslation();
  useTitle(t("notFound.title"));
  return (
    <Center py="xl">
      <Stack align="center" maw={440} ta="center">
        <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
          <IconMapQuestion size={28} />
        </ThemeIcon>
        <Title order={1} size="h2">
          {t("notFound.title")}
        </Title>
        <Text c="dimmed">{t("notFound.text")}</Text>
        <Button component={Link} to="/" variant="light">
          {t("notFound.home")}
        </Button>
      </Stack>
    </Center>
  );
}
