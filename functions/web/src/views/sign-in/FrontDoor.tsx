import { Card, Group, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconChartBar, IconRocket, IconSparkles, IconWand } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useTitle } from "@/ui/useTitle";
import classes from "@/views/sign-in/FrontDoor.module.css";
import { Picture } from "@/views/sign-in/Picture";

const POINTS = [
  ["look", IconChartBar],
  ["clean", IconWand],
  ["train", IconSparkles],
  ["run", IconRocket],
] as const;

/** What everybody sees who is not signed in: what the product does, and a form beside it. */
export function FrontDoor({
  title,
  text,
  footer,
  children,
}: {
  title: string;
  text?: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation("signIn");
  useTitle(title);
  return (
    <div className={classes.door}>
      <section className={classes.pitch} aria-label={t("pitch.label")}>
        <Picture />
        <div>
          <p className={classes.claim}>{t("pitch.claim")}</p>
          <Text c="dimmed" size="lg" mt="xs">
            {t("pitch.text")}
          </Text>
        </div>
        <ul className={classes.points}>
          {POINTS.map(([point, Icon]) => (
            <li key={point}>
              <Group wrap="nowrap" align="flex-start">
                <ThemeIcon variant="light" size="lg" aria-hidden>
                  <Icon size={20} />
                </ThemeIcon>
                <div>
                  <Text fw={650}>{t(`pitch.points.${point}.title`)}</Text>
                  <Text c="dimmed" size="sm">
                    {t(`pitch.points.${point}.text`)}
                  </Text>
                </div>
              </Group>
            </li>
          ))}
        </ul>
      </section>
      <div className={classes.card}>
        <Card withBorder shadow="sm" padding="xl" radius="lg">
          <Stack>
            <div>
              <Title order={1} size="h2">
                {title}
              </Title>
              {text !== undefined && (
                <Text component="div" c="dimmed" size="sm" mt={4} style={{ overflowWrap: "anywhere" }}>
                  {text}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Card>
        {footer !== undefined && (
          <Text component="div" ta="center" size="sm" mt="md">
            {footer}
          </Text>
        )}
      </div>
    </div>
  );
}
