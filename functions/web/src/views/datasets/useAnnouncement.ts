import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DatasetView } from "@/views/datasets/useDatasets";

/** What a screen reader is told when the analysis of a dataset comes to its end. */
export function useAnnouncement(datasets: readonly DatasetView[]): string {
  const { t } = useTranslation("datasets");
  const before = useRef(new Map<string, string>());
  const [text, setText] = useState("");
  useEffect(() => {
    for (const { id, status, file_name: name } of datasets) {
      const was = before.current.get(id);
      if (was !== undefined && was !== status && (status === "READY" || status === "FAILED")) {
        setText(t(status === "READY" ? "announce.ready" : "announce.failed", { name }));
      }
      before.current.set(id, status);
    }
  }, [datasets, t]);
  return text;
}
