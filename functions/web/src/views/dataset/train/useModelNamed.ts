import { useDebouncedValue } from "@mantine/hooks";
import { $api, type Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";

type Named = Pick<Schemas["ModelSummary"], "name" | "target" | "latest_version">;

const LISTED = 100;
const TYPING_MS = 300;

/** Models that are known, and the one of a name: null if there is none, undefined while that is unknown. */
export function useModelNamed(name: string | null): { known: Named[]; found: Named | null | undefined } {
  const [asked] = useDebouncedValue(name, TYPING_MS);
  const list = $api.useQuery("get", "/models", { params: { query: { limit: LISTED } } });
  const known: Named[] = list.data?.items ?? [];
  const listed = known.find((model) => model.name === name);
  // Only where there are more models than one page holds does the name have to be asked for.
  const isComplete = list.data !== undefined && list.data.next === null;
  const single = $api.useQuery(
    "get",
    "/models/{name}",
    { params: { path: { name: asked ?? "" } } },
    { enabled: asked !== null && list.data !== undefined && !isComplete && !listed },
  );
  if (name === null || listed || isComplete) {
    return { known, found: name === null ? undefined : (listed ?? null) };
  }
  const isAbsent = single.error instanceof ProblemError && single.error.status === 404;
  const isAnswered = asked === name && !single.isFetching;
  return { known, found: isAnswered ? (isAbsent ? null : single.data) : undefined };
}
