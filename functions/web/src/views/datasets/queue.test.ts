import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { session } from "@/session/session";
import type { SendRequest } from "@/ui/upload";
import { CONCURRENT_FILES, guard, UploadQueue } from "@/views/datasets/queue";

type Pending = SendRequest & { succeed: () => void; fail: (error: unknown) => void };

let pending: Pending[];
let queue: UploadQueue;
let announced: string[];

beforeEach(() => {
  pending = [];
  announced = [];
  queue = new UploadQueue({
    announce: async ({ file_name }) => {
      announced.push(file_name);
      const form = { kind: "form", url: "https://storage.test/", fields: {}, expires_in_seconds: 300 };
      return { id: `id of ${file_name}`, upload: form } as Schemas["CreatedDataset"];
    },
    complete: async () => {},
    discard: async () => {},
    wait: async () => {},
    send: (request) =>
      new Promise((resolve, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason));
        pending.push({ ...request, succeed: () => resolve({ etag: "" }), fail: reject });
      }),
  });
});

const file = (name: string) => new File(["a,b\n1,2\n"], name);
const statuses = () => queue.snapshot().map((entry) => entry.status);
const sending = (count: number) => vi.waitFor(() => expect(pending).toHaveLength(count));

describe("UploadQueue", () => {
  it("sends some files at once and the others in their turn", async () => {
    queue.add([file("a.csv"), file("b.csv"), file("c.csv")]);
    await sending(CONCURRENT_FILES);
    expect(statuses()).toEqual(["sending", "sending", "waiting"]);
    pending[1]?.succeed();
    await sending(3);
    expect(statuses()).toEqual(["sending", "done", "sending"]);
    expect(queue.snapshot()[1]).toMatchObject({ datasetId: "id of b.csv", sentBytes: 8 });
    expect(announced).toEqual(["a.csv", "b.csv", "c.csv"]);
  });

  it("shows how far a file is", async () => {
    queue.add([file("a.csv")]);
    await sending(1);
    pending[0]?.onProgress(3);
    expect(queue.snapshot()[0]?.sentBytes).toBe(3);
  });

  it("goes on after a failure, and tries again on request", async () => {
    queue.add([file("a.csv"), file("b.csv"), file("c.csv")]);
    await sending(2);
    pending[0]?.fail(new Error("no"));
    await sending(3);
    expect(statuses()).toEqual(["failed", "sending", "sending"]);
    pending[1]?.succeed();
    pending[2]?.succeed();
    await vi.waitFor(() => expect(statuses()).toEqual(["failed", "done", "done"]));
    queue.retry(1);
    await sending(4);
    expect(queue.snapshot()[0]).toMatchObject({ status: "sending", error: null });
  });

  it("calls off a file that is taken off the list, and lets the next one begin", async () => {
    queue.add([file("a.csv"), file("b.csv"), file("c.csv")]);
    await sending(2);
    queue.remove(1);
    expect(pending[0]?.signal.aborted).toBe(true);
    await sending(3);
    expect(queue.snapshot().map((entry) => entry.file.name)).toEqual(["b.csv", "c.csv"]);
  });

  it("starts nothing that was taken off the list while it waited", async () => {
    queue.add([file("a.csv"), file("b.csv"), file("c.csv")]);
    await sending(2);
    queue.remove(3);
    pending[0]?.succeed();
    pending[1]?.succeed();
    await vi.waitFor(() => expect(statuses()).toEqual(["done", "done"]));
    expect(announced).toEqual(["a.csv", "b.csv"]);
    queue.removeDone();
    expect(queue.snapshot()).toEqual([]);
  });
});

describe("guard", () => {
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented ? "asked" : "left";
  };

  it("asks before the page is left while a file is on its way, and only then", async () => {
    guard(queue);
    expect(leave()).toBe("left");
    queue.add([file("a.csv")]);
    await sending(1);
    expect(leave()).toBe("asked");
    pending[0]?.succeed();
    await vi.waitFor(() => expect(statuses()).toEqual(["done"]));
    expect(leave()).toBe("left");
  });

  it("calls everything off at a sign-out", async () => {
    guard(queue);
    queue.add([file("a.csv"), file("b.csv")]);
    await sending(2);
    await session.signOut();
    expect(pending.map((request) => request.signal.aborted)).toEqual([true, true]);
    expect(queue.snapshot()).toEqual([]);
  });
});
