import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { $api } from "@/api/client";
import { formBody, send as sendTo } from "@/ui/upload";
import type { Chosen } from "@/ui/VersionChoice";

export type Sending = { fileName: string; share: number };

/** Order a batch and send its file, with progress and a way to break it off. */
export function useSend(model: string, query: NonNullable<Chosen>["query"], safe: boolean) {
  const order = $api.useMutation("post", "/models/{name}/batch");
  const queries = useQueryClient();
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const control = useRef<AbortController | null>(null);
  const { mutateAsync } = order;

  // Who closes the tab while a file is under way is asked first.
  useEffect(() => {
    if (sending === null) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [sending]);

  const send = useCallback(
    async (file: File): Promise<boolean> => {
      const abort = new AbortController();
      control.current = abort;
      setProblem(null);
      setSending({ fileName: file.name, share: 0 });
      const refresh = () =>
        queries.invalidateQueries({
          queryKey: ["get", "/models/{name}/batch", { params: { path: { name: model } } }],
        });
      try {
        const job = await mutateAsync({
          params: { path: { name: model } },
          // The name only labels the results, and has its bounds.
          body: { file_name: file.name.slice(-200), safe, ...query },
        });
        await sendTo({
          method: "POST",
          url: job.upload.url,
          body: formBody(job.upload.fields, file),
          onProgress: (bytes) =>
            setSending({ fileName: file.name, share: Math.min(1, bytes / Math.max(1, file.size)) }),
          signal: abort.signal,
        });
        return true;
      } catch (error) {
        if (!(error instanceof DOMException && error.name === "AbortError")) {
          setProblem(error);
        }
        return false;
      } finally {
        setSending(null);
        void refresh();
      }
    },
    [mutateAsync, queries, model, query, safe],
  );
  const cancel = useCallback(() => control.current?.abort(), []);
  return { send, cancel, sending, problem };
}
