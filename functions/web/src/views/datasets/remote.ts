import { api } from "@/api/client";
import { send } from "@/ui/upload";
import type { Remote } from "@/views/datasets/upload";

/** The service itself. */
export const apiRemote: Remote = {
  announce: async (body, signal) => {
    const { data } = await api.POST("/datasets", { body, signal });
    if (!data) {
      throw new Error("The service has answered nothing.");
    }
    return data;
  },
  complete: async (dataset_id, parts, signal) => {
    await api.POST("/datasets/{dataset_id}/complete", {
      params: { path: { dataset_id } },
      body: { parts },
      signal,
    });
  },
  discard: async (dataset_id) => {
    await api.DELETE("/datasets/{dataset_id}", { params: { path: { dataset_id } } });
  },
  send,
  wait: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      signal.addEventListener("abort", stop, { once: true });
    }),
};
