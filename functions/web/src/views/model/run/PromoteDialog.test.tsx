import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { Suspense } from "react";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { createQueries } from "@/api/queries";
import { startMessages } from "@/i18n";
import { PromoteDialog } from "./PromoteDialog";

const version = (number: number, stage: "production" | "staging", rmse: number) => ({
  version: number,
  stage,
  created_at: "2026-01-01T00:00:00Z",
  task: "regression",
  target: "price",
  metric: "rmse",
  metrics: { holdout: { rmse }, baseline: { rmse: 130 } },
});
const WORSE = version(2, "staging", 120);
const MODEL: Schemas["ModelView"] = {
  name: "houses",
  task: "regression",
  target: "price",
  created_at: "2026-01-01T00:00:00Z",
  production_version: 1,
  latest_version: 2,
  revision: 2,
  lineage: [],
  versions: [WORSE, version(1, "production", 20)],
};
const GATE = {
  decision: "refused",
  statement: "Worse by more than the 1.1 tolerated.",
  metric: "rmse",
  candidate: 120,
  production: 20,
  baseline: 130,
  tolerance: 1.1,
};
const sent: unknown[] = [];

function answer(status: number, content: object) {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(content), { status, headers: { "Content-Type": type } });
}

function problem(code: string, more: object = {}) {
  return answer(409, {
    type: "about:blank",
    title: "Conflict",
    status: 409,
    code,
    detail: `It is ${code}.`,
    ...more,
  });
}

// Roles are searched slowly in a busy process.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeAll(async () => {
  await startMessages();
  await i18next.loadNamespaces(["run"]);
});
beforeEach(() => {
  sent.length = 0;
});

function show(...answers: Response[]) {
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push(await request.json());
    return answers.shift();
  });
  const onClose = vi.fn();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={createQueries()}>
        <Suspense>
          <PromoteDialog model={MODEL} version={WORSE} onClose={onClose} />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return onClose;
}

const CHANGED = { model: "houses", version: 2, stage: "production", production_version: 2, revision: 3 };

test("a refusal shows the gate's figures, and only a reason overrules it", async () => {
  const onClose = show(
    problem("gate_refused", { gate: GATE }),
    answer(200, { ...CHANGED, changed: true, change: null }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Promote version 2" }));
  expect(await screen.findByText(GATE.statement)).toBeTruthy();
  expect(screen.getByRole("row", { name: "May be worse by 1.1" })).toBeTruthy();
  const force = screen.getByRole<HTMLButtonElement>("button", { name: "Promote all the same" });
  expect(force.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText(/^Reason/), " The old one fails ");
  await userEvent.click(force);
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(sent).toEqual([
    { version: 2, force: false },
    { version: 2, force: true, reason: "The old one fails" },
  ]);
});

test("another conflict is told in words and is never answered with force", async () => {
  const onClose = show(problem("conflict"), answer(200, { ...CHANGED, changed: false, change: null }));
  await userEvent.click(await screen.findByRole("button", { name: "Promote version 2" }));
  expect(await screen.findByText("It is conflict.")).toBeTruthy();
  expect(onClose).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Promote version 2" }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(sent).toEqual([
    { version: 2, force: false },
    { version: 2, force: false },
  ]);
});
