import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { CognitoError } from "@/session/cognito";
import { useProblemText } from "@/ui/useProblemText";
import { type Act, type Field, refusalOf } from "@/views/sign-in/faults";

/** Say in the chosen language what Cognito refused, and beside which field it belongs. */
export function useRefusal(): (error: unknown, act: Act) => { text: string; field: Field } {
  const { t } = useTranslation("signIn");
  const textOf = useProblemText();
  return useCallback(
    (error, act) => {
      if (!(error instanceof CognitoError)) {
        return { text: textOf(error), field: null };
      }
      const { key, field } = refusalOf(error, act);
      return { text: key ? t(`refusals.${key}`) : error.message, field };
    },
    [t, textOf],
  );
}
