import { MantineProvider } from "@mantine/core";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import i18next from "i18next";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { createQueries } from "@/api/queries";
import { startMessages } from "@/i18n";
import { desktopNews } from "@/shell/desktopNews";
import { compareJobs, useTrainingNews } from "@/shell/useTrainingNews";

type Job = Schemas["JobSummary"];

const job = (more: Partial<Job> = {}): Job => ({
  id: "j1",
  dataset_id: "d1",
  model: "houses",
  target: "price",
  status: "RUNNING",
  queue_position: null,
  created_at: "2026-01-01T10:00:00.000Z",
  started_at: "2026-01-01T10:00:01.000Z",
  finished_at: null,
  progress: 0.5,
  message: "",
  version: null,
  error: null,
  ...more,
});

function Page({ sub }: { sub: string | null }) {
  useTrainingNews(sub);
  return <output>{useLocation().pathname}</output>;
}

describe("compareJobs", () => {
  it("finds those that were under way and are over", () => {
    const jobs = [job(), job({ id: "j2", status: "FAILED" }), job({ id: "j3", status: "SUCCEEDED" })];
    const { over, seen } = compareJobs(new Set(["j1", "j2", "gone"]), jobs);
    expect(over.map(({ id }) => id)).toEqual(["j2"]);
    expect([...seen]).toEqual(["j1"]);
  });
});

describe("useTrainingNews", () => {
  let answers: Job[][];
  let asked = 0;

  beforeAll(async () => {
    await startMessages();
    await i18next.changeLanguage("en");
  });

  beforeEach(() => {
    sessionStorage.clear();
    asked = 0;
    vi.useFakeTimers({ shouldAdvanceTime: true });
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      const items = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      return Response.json({ items, next: null });
    });
  });

  afterEach(() => {
    act(() => notifications.clean());
    vi.useRealTimers();
  });

  function show(sub: string | null = "me") {
    return render(
      <MantineProvider>
        <Notifications />
        <QueryClientProvider client={createQueries()}>
          <MemoryRouter>
            <Page sub={sub} />
          </MemoryRouter>
        </QueryClientProvider>
      </MantineProvider>,
    );
  }

  it("says that a training is done, with the way to its version, and asks no more", async () => {
    answers = [[job()], [job({ status: "SUCCEEDED", version: 3 })]];
    show();
    await waitFor(() => expect(asked).toBe(1));
    await act(() => vi.advanceTimersByTimeAsync(3_500));
    expect(await screen.findByText("The training of houses is done")).toBeTruthy();
    const before = asked;
    await act(() => vi.advanceTimersByTimeAsync(15_000));
    expect(asked).toBe(before);
    const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    await user.click(screen.getByRole("link", { name: "Judge version 3" }));
    expect(screen.getByRole("status").textContent).toBe("/models/houses/versions/3");
  });

  it("says why one failed that was under way before a reload", async () => {
    sessionStorage.setItem("csv-analyzer.trainings-under-way.me", '["j1"]');
    answers = [[job({ status: "FAILED", error: { code: "x", message: "Too few rows." } })]];
    show();
    expect(await screen.findByText("The training of houses has failed")).toBeTruthy();
    expect(screen.getByText(/Too few rows\./)).toBeTruthy();
  });

  it("is silent about what was over before, and does not poll", async () => {
    answers = [[job({ status: "SUCCEEDED", version: 1 })]];
    show();
    await waitFor(() => expect(asked).toBe(1));
    await act(() => vi.advanceTimersByTimeAsync(10_000));
    expect(asked).toBe(1);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("asks nothing while nobody is signed in", async () => {
    answers = [[]];
    show(null);
    await act(() => vi.advanceTimersByTimeAsync(10_000));
    expect(asked).toBe(0);
  });
});

describe("desktopNews", () => {
  const shown = vi.fn();

  class Fake {
    static permission = "default";
    static requestPermission = vi.fn(async () => {
      Fake.permission = "granted";
    });
    onclick: (() => void) | null = null;
    close = vi.fn();

    constructor(title: string) {
      shown(title, this);
    }
  }

  beforeEach(() => {
    localStorage.clear();
    shown.mockClear();
    Fake.permission = "default";
    vi.stubGlobal("Notification", Fake);
  });

  afterEach(() => vi.unstubAllGlobals());

  it("asks for permission once switched on, and shows only while the tab is hidden", async () => {
    expect(desktopNews.state()).toBe("off");
    expect(await desktopNews.set(true)).toBe("on");
    const onOpen = vi.fn();
    desktopNews.show("Done", "", "j1", onOpen);
    expect(shown).not.toHaveBeenCalled();
    vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    vi.spyOn(window, "focus").mockImplementation(() => undefined);
    desktopNews.show("Done", "", "j1", onOpen);
    expect(shown).toHaveBeenCalledOnce();
    shown.mock.calls[0]?.[1].onclick();
    expect(onOpen).toHaveBeenCalledOnce();
    expect(await desktopNews.set(false)).toBe("off");
  });

  it("is denied where the browser denies it", async () => {
    Fake.requestPermission.mockImplementationOnce(async () => {
      Fake.permission = "denied";
    });
    expect(await desktopNews.set(true)).toBe("denied");
  });
});
