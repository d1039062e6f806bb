import { useTranslation } from "react-i18next";

/** The tag by which numbers and times are written: of the languages that the browser's user reads, the first
 * that is the one of the page, with its region. People in London and in New York read dates differently.
 */
export function localeOf(language: string, wanted: readonly string[] = navigator.languages): string {
  return wanted.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
}

export function useLocale(): string {
  return localeOf(useTranslation().i18n.language);
}
