import { useTranslation } from "react-i18next";
import { brokenRules } from "@/views/sign-in/password";

/** What can be said of a field before Cognito is asked. */
export function useChecks() {
  const { t } = useTranslation("signIn");
  return {
    email: (value: string) => (/^[^@\s]+@[^@\s]+$/.test(value) ? null : t("faults.email")),
    password: (value: string) => (value === "" ? t("faults.password") : null),
    newPassword: (value: string) => (brokenRules(value).length > 0 ? t("faults.newPassword") : null),
    code: (value: string) => (value === "" ? t("faults.code") : null),
  };
}
