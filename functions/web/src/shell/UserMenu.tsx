import { Text } from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { session, type User } from "@/session/session";
import { HeaderMenu } from "@/shell/HeaderMenu";

export function UserMenu({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <HeaderMenu
      label={t("shell.user")}
      icon={<IconUserCircle size={22} />}
      head={
        <>
          <Text size="sm" c="var(--mantine-color-text)">
            {user.email}
          </Text>
          {t(`roles.${user.role}`)}
        </>
      }
      entries={[
        {
          label: t("shell.signOut"),
          icon: <IconLogout size={16} />,
          onChoose: () => void session.signOut(),
        },
      ]}
    />
  );
}
