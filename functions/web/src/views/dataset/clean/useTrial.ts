import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import type { Draft } from "@/recipes/draft";
import { textOf } from "@/recipes/identity";

export type RecipeView = Schemas["RecipeView"];

/** Where trying a draft stands. */
export type Trial = {
  phase: "empty" | "invalid" | "off" | "soon" | "sending" | "checking" | "ready" | "failed" | "refused";
  /** The version that the draft is, if it is one. */
  version: number | null;
  /** The version of the draft, tried or being tried. */
  recipe: RecipeView | null;
  /** The latest version that could be applied: what the preview shows. */
  shown: RecipeView | null;
  /** Why the service did not take the draft, or could not be asked. */
  error: unknown;
  send: () => void;
  /** Remember which version a draft is, so that it need not be tried again. */
  remember: (draft: Draft, version: number) => void;
};

const DELAY_MS = 1000;
const PREFIX = "csv-analyzer.recipe-version.";

/** Try a draft on the data: each try is a version, and only that of the latest draft counts. */
export function useTrial(
  datasetId: string,
  draft: Draft,
  {
    live,
    isValid,
    mayTry,
    base,
  }: { live: boolean; isValid: boolean; mayTry: boolean; base: RecipeView | null },
): Trial {
  const queries = useQueryClient();
  const path = { dataset_id: datasetId };
  const text = textOf(draft);
  const [versions, setVersions] = useState(() => stored(datasetId));
  const [sending, setSending] = useState<string | null>(null);
  const [refused, setRefused] = useState<{ text: string; error: unknown } | null>(null);
  const [shown, setShown] = useState<RecipeView | null>(null);
  const put = $api.useMutation("put", "/datasets/{dataset_id}/recipe");
  if (base && !versions.has(text)) {
    setVersions(new Map(versions).set(text, base.version));
  }
  const version = versions.get(text) ?? null;
  const recipe = $api.useQuery(
    "get",
    "/datasets/{dataset_id}/recipe",
    { params: { path, query: { version } } },
    {
      enabled: version !== null,
      refetchInterval: (query) => (query.state.data ? pollWhile([query.state.data.status]) : false),
    },
  );
  const data = version === null ? null : (recipe.data ?? null);
  if (data?.status === "READY" && data.version !== shown?.version) {
    setShown(data);
  }

  const remember = (known: Draft, number: number) => keep(textOf(known), number);
  const keep = (known: string, number: number) => setVersions((before) => new Map(before).set(known, number));
  useEffect(() => {
    // Whatever the draft has become, by an undo, too: a reload must not try it again.
    if (version !== null) {
      sessionStorage.setItem(PREFIX + datasetId, JSON.stringify([text, version]));
    }
  }, [datasetId, text, version]);
  const send = async () => {
    setSending(text);
    setRefused(null);
    try {
      const made = await put.mutateAsync({ params: { path }, body: draft });
      const { queryKey } = $api.queryOptions("get", "/datasets/{dataset_id}/recipe", {
        params: { path, query: { version: made.version } },
      });
      queries.setQueryData(queryKey, made);
      keep(text, made.version);
    } catch (error) {
      setRefused({ text, error });
    } finally {
      // A newer draft may be on its way by now: its own answer ends that.
      setSending((latest) => (latest === text ? null : latest));
    }
  };

  const isEmpty = draft.steps.length === 0 && draft.target === null;
  const isRefused = refused?.text === text;
  const isDue = mayTry && live && isValid && !isEmpty && !isRefused && version === null && sending !== text;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is the draft, and a new one starts the clock anew
  useEffect(() => {
    if (!isDue) {
      return;
    }
    const timer = setTimeout(send, DELAY_MS);
    return () => clearTimeout(timer);
  }, [isDue, text]);

  const status = data?.status;
  useEffect(() => {
    if (status === undefined) {
      return;
    }
    // The list of versions and the dataset name the newest one, and how it ended.
    for (const of of ["/datasets/{dataset_id}/recipes", "/datasets/{dataset_id}"] as const) {
      void queries.invalidateQueries({
        queryKey: ["get", of, { params: { path: { dataset_id: datasetId } } }],
      });
    }
  }, [status, queries, datasetId]);

  const phase = (): Trial["phase"] => {
    if (isEmpty) return "empty";
    if (!isValid) return "invalid";
    if (isRefused) return "refused";
    if (version === null) return sending === text ? "sending" : isDue ? "soon" : "off";
    if (recipe.isError) return "refused";
    if (status === "READY") return "ready";
    return status === "FAILED" ? "failed" : "checking";
  };
  return {
    phase: phase(),
    version,
    recipe: data,
    shown: isEmpty ? null : shown,
    error: isRefused ? refused.error : version !== null && recipe.isError ? recipe.error : null,
    send: () => void (version !== null && recipe.isError ? recipe.refetch() : send()),
    remember,
  };
}

/** The version that the draft was when the page was last loaded. */
function stored(datasetId: string): ReadonlyMap<string, number> {
  try {
    const entry: unknown = JSON.parse(sessionStorage.getItem(PREFIX + datasetId) ?? "null");
    if (Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number") {
      return new Map([[entry[0], entry[1]]]);
    }
  } catch {
    // What is there was not written by this page: the draft is tried anew.
  }
  return new Map();
}
