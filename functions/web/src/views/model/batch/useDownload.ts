import { useState } from "react";
import { api } from "@/api/client";
import { followDownload } from "@/ui/saveFile";
import type { Job } from "@/views/model/batch/jobs";

type File = "predictions" | "errors";

/** Download a file of a batch. Links end after minutes, so each click asks for a fresh one. */
export function useDownload(job: Pick<Job, "id" | "model">) {
  const [loading, setLoading] = useState<File | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const start = async (file: File) => {
    setLoading(file);
    setProblem(null);
    try {
      const { data } = await api.GET("/models/{name}/batch/{batch_id}", {
        params: { path: { name: job.model, batch_id: job.id } },
      });
      const found = data?.[file];
      if (found) {
        followDownload(found.url);
      }
    } catch (error) {
      setProblem(error);
    } finally {
      setLoading(null);
    }
  };
  return { start, problem, isLoading: (file: File) => loading === file };
}
