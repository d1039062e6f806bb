import { Badge, Button, Card, Group, List, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useUser } from "@/session/hooks";
import { mayDo, type Role, session } from "@/session/session";
import { PageTitle } from "@/ui/PageTitle";
import { Limits } from "./Limits";
import { Receipts } from "./Receipts";
import { Service } from "./Service";
import { Settings } from "./Settings";

const ROLES: readonly Role[] = ["viewer", "editor", "admin"];

/** Who is signed in, what that person may do and has used, and how the page looks. */
export function Account() {
  const { t } = useTranslation(["account", "common"]);
  const user = useUser();
  return (
    <>
      <PageTitle title={t("common:shell.account")}>
        <Button variant="default" leftSection={<IconLogout size={16} />} onClick={() => session.signOut()}>
          {t("common:shell.signOut")}
        </Button>
      </PageTitle>
      <Stack gap="lg">
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Card withBorder component="section">
            <Stack gap="xs">
              <Title order={2} size="h4">
                {t("who.title")}
              </Title>
              <Group gap="sm">
                <Text fw={600} style={{ overflowWrap: "anywhere" }}>
                  {user.email}
                </Text>
                <Badge variant="light" tt="none">
                  {t(`common:roles.${user.role}`)}
                </Badge>
              </Group>
              <Text size="sm">{t("who.may")}</Text>
              <List size="sm">
                {ROLES.filter((role) => mayDo(user.role, role)).map((role) => (
                  <List.Item key={role}>{t(`who.${role}`)}</List.Item>
                ))}
              </List>
              {user.role !== "admin" && (
                <Text size="sm" c="dimmed">
                  {t("who.more")}
                </Text>
              )}
            </Stack>
          </Card>
          <Settings />
        </SimpleGrid>
        <Limits />
        <Receipts />
        <Service />
      </Stack>
    </>
  );
}
