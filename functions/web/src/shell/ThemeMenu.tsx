import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconBrightness, IconMoon, IconSun } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { HeaderMenu } from "@/shell/HeaderMenu";

const SCHEMES: readonly MantineColorScheme[] = ["light", "dark", "auto"];
const ICONS = { light: IconSun, dark: IconMoon, auto: IconBrightness };

export function ThemeMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = ICONS[colorScheme];
  return (
    <HeaderMenu
      label={t("shell.theme")}
      icon={<Current size={20} />}
      entries={SCHEMES.map((scheme) => {
        const Icon = ICONS[scheme];
        return {
          label: t(`shell.themes.${scheme}`),
          icon: <Icon size={16} />,
          isChosen: scheme === colorScheme,
          onChoose: () => setColorScheme(scheme),
        };
      })}
    />
  );
}
