import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProblemError, UnreachableError } from "@/api/problem";
import { formBody, type SendRequest, StorageError, send } from "@/ui/upload";

const URL = "https://bucket.test/";
const FIELDS = { key: "batch/1/input.csv", policy: "eyJ" };
const FILE = new File(["a,b\n1,2\n"], "rows.csv", { type: "text/csv" });

/** Stands in for the network, which no test can reach. */
class FakeRequest {
  static last: FakeRequest;
  upload: { onprogress?: (event: Partial<ProgressEvent>) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  onloadend?: () => void;
  status = 0;
  responseText = "";
  sent: FormData | Blob | null = null;
  opened: string[] = [];
  constructor() {
    FakeRequest.last = this;
  }
  open(...args: string[]) {
    this.opened = args;
  }
  send(body: FormData | Blob) {
    this.sent = body;
  }
  getResponseHeader(name: string) {
    return name === "ETag" ? '"5d41"' : null;
  }
  abort() {
    this.onabort?.();
    this.onloadend?.();
  }
  answer(status: number, body = "") {
    this.status = status;
    this.responseText = body;
    this.onload?.();
    this.onloadend?.();
  }
}

beforeEach(() => vi.stubGlobal("XMLHttpRequest", FakeRequest));
afterEach(() => vi.unstubAllGlobals());

function begin(more: Partial<SendRequest> = {}) {
  const { signal } = new AbortController();
  return send({
    method: "POST",
    url: URL,
    body: formBody(FIELDS, FILE),
    onProgress: () => {},
    signal,
    ...more,
  });
}

describe("send", () => {
  it("posts a form with its fields in their order, the file last, and says how far it is", async () => {
    const sent: number[] = [];
    const done = begin({ onProgress: (bytes) => sent.push(bytes) });
    const request = FakeRequest.last;
    request.upload.onprogress?.({ loaded: 2 });
    request.upload.onprogress?.({ loaded: 8 });
    request.answer(204);
    // A form's file has a tag, too, but no use for it.
    await expect(done).resolves.toEqual({ etag: "" });
    expect(request.opened).toEqual(["POST", URL]);
    expect(request.sent instanceof FormData && [...request.sent.keys()]).toEqual(["key", "policy", "file"]);
    expect(sent).toEqual([2, 8]);
  });

  it("puts a part and tells the tag that it has got", async () => {
    const part = FILE.slice(0, 3);
    const done = begin({ method: "PUT", body: part });
    FakeRequest.last.answer(200);
    await expect(done).resolves.toEqual({ etag: '"5d41"' });
    expect(FakeRequest.last.opened).toEqual(["PUT", URL]);
    expect(FakeRequest.last.sent).toBe(part);
  });

  it("says in S3's words why it was refused", async () => {
    const done = begin();
    FakeRequest.last.answer(
      400,
      "<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>Your upload is too large.</Message></Error>",
    );
    const error = await done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StorageError);
    // Whoever shows problems shows this one, too.
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 400,
      code: "EntityTooLarge",
      message: "Your upload is too large.",
    });
  });

  it.each(["", "<html>Bad gateway", "no XML at all"])(
    "survives an answer that is no XML: %j",
    async (body) => {
      const done = begin();
      FakeRequest.last.answer(502, body);
      await expect(done).rejects.toMatchObject({ status: 502, code: "", message: "HTTP 502" });
    },
  );

  it("tells a broken connection from a refusal", async () => {
    const done = begin();
    FakeRequest.last.onerror?.();
    await expect(done).rejects.toBeInstanceOf(UnreachableError);
  });

  it("ends when it is cancelled, also before it has begun", async () => {
    const control = new AbortController();
    const done = begin({ signal: control.signal });
    control.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    await expect(begin({ signal: control.signal })).rejects.toMatchObject({ name: "AbortError" });
  });
});
