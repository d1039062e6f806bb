import { notifications } from "@mantine/notifications";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createElement, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { $api, type Schemas } from "@/api/client";
import { isUnderWay } from "@/api/queries";
import { desktopNews } from "@/shell/desktopNews";
import { NewsLink } from "@/shell/NewsLink";

type Job = Schemas["JobSummary"];

const POLL_MS = 3_000;
const SHOWN_MS = 20_000;
// Those under way are among the newest. No view asks for as many, so nobody shares the answer in another shape.
const NEWEST = 15;
const COLORS = { SUCCEEDED: "teal", FAILED: "red", CANCELLED: "gray" } as const;

/** Say when a training that was seen under way is over, wherever the user is by then. */
export function useTrainingNews(sub: string | null): void {
  const { i18n } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data } = $api.useQuery(
    "get",
    "/jobs",
    { params: { query: { limit: NEWEST } } },
    {
      enabled: sub !== null,
      refetchInterval: (query) =>
        query.state.data?.items.some(({ status }) => isUnderWay(status)) ? POLL_MS : false,
      refetchIntervalInBackground: true,
      refetchOnWindowFocus: "always",
    },
  );

  useEffect(() => {
    if (sub === null || !data) {
      return;
    }
    const { over, seen } = compareJobs(readSeen(sub), data.items);
    writeSeen(sub, seen);
    if (over.length === 0) {
      return;
    }
    refresh(queries);
    // The words are loaded when there is news, not with the start of the page.
    void i18n.loadNamespaces("trainings").then(() => {
      for (const job of over) {
        tell(job, i18n, navigate);
      }
    });
  }, [sub, data, i18n, queries, navigate]);
}

/** Which jobs are over that were under way before, and which are under way now. */
export function compareJobs(
  before: ReadonlySet<string>,
  jobs: readonly Job[],
): { over: Job[]; seen: Set<string> } {
  return {
    over: jobs.filter((job) => before.has(job.id) && !isUnderWay(job.status)),
    seen: new Set(jobs.filter(({ status }) => isUnderWay(status)).map(({ id }) => id)),
  };
}

function tell(
  job: Job,
  i18n: ReturnType<typeof useTranslation>["i18n"],
  navigate: ReturnType<typeof useNavigate>,
): void {
  const t = i18n.getFixedT(i18n.language, "trainings");
  const status = job.status as keyof typeof COLORS;
  const title = t(`news.${status.toLowerCase() as "succeeded" | "failed" | "cancelled"}`, {
    model: job.model,
  });
  const isDone = job.version !== null;
  const to = isDone
    ? `/models/${encodeURIComponent(job.model)}/versions/${job.version}`
    : `/trainings/${job.id}`;
  const text = isDone
    ? t("news.succeededText", { version: job.version, target: job.target })
    : (job.error?.message ?? "");
  const label = isDone ? t("news.judge", { version: job.version }) : t("news.open");
  const onOpen = () => {
    notifications.hide(job.id);
    navigate(to);
  };
  notifications.show({
    id: job.id,
    color: COLORS[status],
    title,
    message: createElement("div", null, text, " ", createElement(NewsLink, { to, label, onOpen })),
    autoClose: SHOWN_MS,
  });
  desktopNews.show(title, text, job.id, onOpen);
}

/** What a training changes beside itself. */
function refresh(queries: QueryClient): void {
  for (const path of ["/jobs", "/jobs/{job_id}", "/models", "/models/{name}"]) {
    void queries.invalidateQueries({ queryKey: ["get", path] });
  }
}

const keyOf = (sub: string) => `csv-analyzer.trainings-under-way.${sub}`;

function readSeen(sub: string): Set<string> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(keyOf(sub)) ?? "[]");
    return new Set(Array.isArray(stored) ? stored.map(String) : []);
  } catch {
    return new Set();
  }
}

function writeSeen(sub: string, seen: ReadonlySet<string>): void {
  sessionStorage.setItem(keyOf(sub), JSON.stringify([...seen]));
}
