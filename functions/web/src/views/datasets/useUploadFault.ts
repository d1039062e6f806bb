import { useTranslation } from "react-i18next";
import { ProblemError, UnreachableError } from "@/api/problem";
import { useFormat } from "@/i18n/format";
import { StorageError } from "@/ui/upload";
import { useProblemText } from "@/ui/useProblemText";
import { FileError } from "@/views/datasets/inspect";

/** Why an upload failed; `detail` are the service's own words, in English, where they say more. */
export type UploadFault = { text: string; detail: string | null; canRetry: boolean };

export function useUploadFault(): (error: unknown) => UploadFault {
  const { t } = useTranslation("datasets");
  const format = useFormat();
  const textOf = useProblemText();
  return (error) => {
    if (error instanceof FileError) {
      return { text: t(`faults.${error.fault}`), detail: null, canRetry: false };
    }
    if (error instanceof UnreachableError) {
      return { text: t("faults.network"), detail: null, canRetry: true };
    }
    if (error instanceof StorageError) {
      if (error.code === "EntityTooLarge") {
        return { text: t("faults.tooLarge"), detail: null, canRetry: false };
      }
      const text = error.status === 403 ? t("faults.expired") : t("faults.storage", { status: error.status });
      return { text, detail: error.code || null, canRetry: true };
    }
    if (error instanceof ProblemError) {
      const seconds = error.problem.retry_after;
      if (error.code === "payload_too_large") {
        return { text: t("faults.tooLarge"), detail: error.message, canRetry: false };
      }
      if (error.code === "limit_reached") {
        const text = seconds ? t("faults.limitFor", { time: format.duration(seconds) }) : t("faults.limit");
        return { text, detail: error.message, canRetry: true };
      }
      if (error.status === 429) {
        return { text: t("faults.busy"), detail: null, canRetry: true };
      }
    }
    return { text: textOf(error), detail: null, canRetry: true };
  };
}
