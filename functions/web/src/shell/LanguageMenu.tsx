import { IconLanguage } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, setLanguage } from "@/i18n";
import { HeaderMenu } from "@/shell/HeaderMenu";

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <HeaderMenu
      label={t("shell.language")}
      icon={<IconLanguage size={20} />}
      entries={(Object.keys(LANGUAGES) as Language[]).map((language) => ({
        label: LANGUAGES[language],
        lang: language,
        isChosen: i18n.language === language,
        onChoose: () => setLanguage(language),
      }))}
    />
  );
}
