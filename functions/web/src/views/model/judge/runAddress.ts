/** Address of a run in MLflow's pages; null where the service does not say where they are. */
export function runAddress(config: object | undefined, runId: string): string | null {
  const base = (config as { mlflow_url?: string | null } | undefined)?.mlflow_url;
  if (!base || !/^https?:\/\//i.test(base)) {
    return null;
  }
  return `${base.replace(/\/+$/, "")}/#/runs/${encodeURIComponent(runId)}`;
}
