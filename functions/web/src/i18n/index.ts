import i18next from "i18next";
import resourcesToBackend from "i18next-resources-to-backend";
import { initReactI18next } from "react-i18next";

export const LANGUAGES = { en: "English", fr: "Français" } as const;
export type Language = keyof typeof LANGUAGES;

const LANGUAGE_KEY = "csv-analyzer.language";
const files = import.meta.glob<Record<string, unknown>>("../messages/*/*.json", { import: "default" });

/** The language that was chosen, or else that of the browser, or else English. */
export function initialLanguage(): Language {
  const wanted = [localStorage.getItem(LANGUAGE_KEY), ...navigator.languages];
  const known = wanted.map((tag) => tag?.slice(0, 2)).find((tag) => tag !== undefined && tag in LANGUAGES);
  return (known ?? "en") as Language;
}

export function setLanguage(language: Language): Promise<unknown> {
  localStorage.setItem(LANGUAGE_KEY, language);
  return i18next.changeLanguage(language);
}

/** Get the messages of the start ready; a view brings its own with `useTranslation("its namespace")`. */
export async function startMessages(): Promise<void> {
  i18next.on("languageChanged", (language) => {
    document.documentElement.lang = language;
  });
  await i18next
    .use(initReactI18next)
    .use(
      resourcesToBackend((language: string, namespace: string) => {
        const load = files[`../messages/${language}/${namespace}.json`];
        return load ? load() : Promise.reject(new Error(`There are no messages ${language}/${namespace}.`));
      }),
    )
    .init({
      lng: initialLanguage(),
      supportedLngs: Object.keys(LANGUAGES),
      fallbackLng: false,
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
      returnNull: false,
      // It would advertise a product in everybody's console.
      showSupportNotice: false,
    });
}
