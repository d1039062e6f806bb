import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ProblemError, UnreachableError } from "@/api/problem";

/** Say in the chosen language what went wrong; the service's own words where there are no others. */
export function useProblemText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (error) => {
      if (error instanceof UnreachableError) {
        return t("unreachable.text");
      }
      if (error instanceof ProblemError) {
        // English details of the service say more than a general sentence per code does.
        const key = `problems.${error.code}`;
        return i18n.language !== "en" && i18n.exists(key) ? t(key as "problems.not_found") : error.message;
      }
      return t("problem.unexpected", { reason: error instanceof Error ? error.message : String(error) });
    },
    [t, i18n],
  );
}
