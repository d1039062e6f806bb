import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Schemas } from "@/api/client";
import { UnreachableError } from "@/api/problem";
import { type SendRequest, StorageError } from "@/ui/upload";
import { FileError } from "@/views/datasets/inspect";
import { MULTIPART_BYTES, PARALLEL_PARTS, REPEATS, type Remote, upload } from "@/views/datasets/upload";

const PART_BYTES = 32 << 20;
const FORM: Schemas["Upload"] = {
  kind: "form",
  url: "https://storage.test/",
  fields: { key: "uploads/1/houses.csv", policy: "p" },
  expires_in_seconds: 300,
};

/** A file that says it is large without being so: jsdom keeps files in memory. */
function large(bytes: number): File {
  const file = new File(["a,b\n"], "large.csv");
  Object.defineProperty(file, "size", { value: bytes });
  const slice = file.slice.bind(file);
  file.slice = (start = 0, end = 0) => {
    const part = slice(0, 16);
    Object.defineProperty(part, "size", { value: Math.min(end, bytes) - start });
    return part;
  };
  return file;
}

const small = () => new File(["a,b\n1,2\n"], "houses.csv");

function planOf(bytes: number): Schemas["MultipartUpload"] {
  const parts = Array.from({ length: Math.ceil(bytes / PART_BYTES) }, (_, at) => ({
    number: at + 1,
    url: `https://storage.test/${at + 1}`,
  }));
  return { kind: "multipart", part_bytes: PART_BYTES, parts, expires_in_seconds: 3600 };
}

let requests: SendRequest[];
let waits: number[];
let discarded: string[];
let completed: { id: string; parts: Schemas["SentPart"][] }[];
let sendOf: (request: SendRequest) => Promise<{ etag: string }>;
let remote: Remote;
let announced: Schemas["UploadRequest"] | null;

beforeEach(() => {
  [requests, waits, discarded, completed, announced] = [[], [], [], [], null];
  sendOf = async (request) => ({ etag: `"${request.url.split("/").pop()}"` });
  remote = {
    announce: async (request) => {
      announced = request;
      const plan = request.multipart ? planOf(request.size_bytes ?? 0) : FORM;
      return { id: "d1", upload: plan } as Schemas["CreatedDataset"];
    },
    complete: async (id, parts) => void completed.push({ id, parts }),
    discard: async (id) => void discarded.push(id),
    send: (request) => {
      requests.push(request);
      return sendOf(request);
    },
    wait: async (milliseconds) => void waits.push(milliseconds),
  };
});

const watch = (onSent: (bytes: number) => void = () => {}) => ({
  onSent,
  signal: new AbortController().signal,
});

describe("a file that goes whole", () => {
  it("is announced with its size and sent by the form, the file behind all fields", async () => {
    expect(await upload(small(), remote, watch())).toBe("d1");
    expect(announced).toEqual({ file_name: "houses.csv", size_bytes: 8, multipart: false });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: "POST", url: FORM.url });
    const body = requests[0]?.body;
    expect(body instanceof FormData && [...body.keys()]).toEqual(["key", "policy", "file"]);
    expect(completed).toEqual([]);
    expect(discarded).toEqual([]);
  });

  it("counts the form around it as no progress of its own", async () => {
    sendOf = async ({ onProgress }) => {
      onProgress(5);
      onProgress(900);
      return { etag: "" };
    };
    const sent: number[] = [];
    await upload(
      small(),
      remote,
      watch((bytes) => sent.push(bytes)),
    );
    expect(sent).toEqual([5, 8]);
  });

  it("is neither announced nor sent when it is no CSV file", async () => {
    await expect(upload(new File(["%PDF-1.7"], "a.csv"), remote, watch())).rejects.toThrow(FileError);
    expect(announced).toBeNull();
  });

  it("leaves no dataset behind when the storage refuses it", async () => {
    sendOf = async () => {
      throw new StorageError(400, "EntityTooLarge");
    };
    await expect(upload(small(), remote, watch())).rejects.toMatchObject({ code: "EntityTooLarge" });
    expect(requests).toHaveLength(1);
    expect(discarded).toEqual(["d1"]);
  });

  it("keeps the ending of a name that is too long", async () => {
    await upload(new File(["a\n1\n"], `${"n".repeat(300)}.csv`), remote, watch());
    expect(announced?.file_name).toHaveLength(200);
    expect(announced?.file_name.endsWith("n.csv")).toBe(true);
  });
});

describe("a file that goes in parts", () => {
  const bytes = MULTIPART_BYTES + 2 * PART_BYTES + 5;

  it("sends each part of its own length, and names them in order", async () => {
    let left = 9;
    sendOf = async ({ url }) => {
      // The later parts end first.
      const steps = left--;
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      return { etag: `"${url.split("/").pop()}"` };
    };
    await upload(large(bytes), remote, watch());
    const lengths = requests.map((request) => (request.body as Blob).size);
    expect(lengths).toEqual([PART_BYTES, PART_BYTES, PART_BYTES, PART_BYTES, 5]);
    expect(completed[0]?.parts.map((part) => part.number)).toEqual([1, 2, 3, 4, 5]);
    expect(completed[0]?.parts[4]?.etag).toBe('"5"');
  });

  it("has so many parts under way at once, and no more", async () => {
    let underWay = 0;
    let most = 0;
    sendOf = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve));
      underWay -= 1;
      return { etag: "e" };
    };
    await upload(large(bytes), remote, watch());
    expect(most).toBe(PARALLEL_PARTS);
  });

  it("repeats a part that broke off, with pauses, and takes back its progress", async () => {
    let failures = 2;
    sendOf = async ({ url, onProgress }) => {
      onProgress(1000);
      if (url.endsWith("/2") && failures-- > 0) throw new UnreachableError("gone");
      return { etag: "e" };
    };
    const sent: number[] = [];
    await upload(
      large(bytes),
      remote,
      watch((value) => sent.push(value)),
    );
    expect(requests.filter((request) => request.url.endsWith("/2"))).toHaveLength(3);
    expect(waits).toEqual([1000, 2000]);
    expect(Math.max(...sent)).toBe(bytes);
    expect(sent.at(-1)).toBe(bytes);
  });

  it("gives up after the last repeat, calls off the other parts and leaves no dataset behind", async () => {
    const calledOff = vi.fn();
    sendOf = async ({ url, signal }) => {
      if (url.endsWith("/1")) throw new StorageError(503, "SlowDown");
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          calledOff(url);
          reject(signal.reason);
        }),
      );
    };
    await expect(upload(large(bytes), remote, watch())).rejects.toMatchObject({ status: 503 });
    expect(requests.filter((request) => request.url.endsWith("/1"))).toHaveLength(1 + REPEATS);
    expect(calledOff).toHaveBeenCalledTimes(2);
    expect(discarded).toEqual(["d1"]);
    expect(completed).toEqual([]);
  });

  it("does not repeat what the storage refuses for good", async () => {
    sendOf = async () => {
      throw new StorageError(403, "AccessDenied");
    };
    await expect(upload(large(bytes), remote, watch())).rejects.toMatchObject({ status: 403 });
    expect(waits).toEqual([]);
  });

  it("asks again to complete when the answer got lost", async () => {
    let failures = 1;
    remote.complete = async (id, parts) => {
      if (failures-- > 0) throw new UnreachableError("gone");
      completed.push({ id, parts });
    };
    await upload(large(bytes), remote, watch());
    expect(completed).toHaveLength(1);
  });

  it("stops when it is called off, and leaves no dataset behind", async () => {
    const controller = new AbortController();
    sendOf = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const done = upload(large(bytes), remote, { onSent: () => {}, signal: controller.signal });
    await vi.waitFor(() => expect(requests).toHaveLength(PARALLEL_PARTS));
    controller.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    expect(requests).toHaveLength(PARALLEL_PARTS);
    expect(discarded).toEqual(["d1"]);
  });
});
