import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProblemError, UnreachableError } from "@/api/problem";
import { uploadForm } from "@/ui/upload";

const UPLOAD = {
  kind: "form" as const,
  url: "https://bucket.test/",
  fields: { key: "batch/1/input.csv", policy: "eyJ" },
  expires_in_seconds: 300,
};
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
  sent: FormData | null = null;
  opened: string[] = [];
  constructor() {
    FakeRequest.last = this;
  }
  open(...args: string[]) {
    this.opened = args;
  }
  send(body: FormData) {
    this.sent = body;
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

describe("uploadForm", () => {
  it("posts the fields in their order, the file last, and says how far it is", async () => {
    const shares: number[] = [];
    const done = uploadForm(UPLOAD, FILE, { onProgress: (share) => shares.push(share) });
    const request = FakeRequest.last;
    request.upload.onprogress?.({ lengthComputable: true, loaded: 2, total: 8 });
    request.upload.onprogress?.({ lengthComputable: false, loaded: 3, total: 0 });
    request.answer(204);
    await done;
    expect(request.opened).toEqual(["POST", UPLOAD.url]);
    expect([...(request.sent?.keys() ?? [])]).toEqual(["key", "policy", "file"]);
    expect(shares).toEqual([0.25, 1]);
  });

  it("says in S3's words why the form was refused", async () => {
    const done = uploadForm(UPLOAD, FILE);
    FakeRequest.last.answer(
      400,
      "<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>Your upload is too large.</Message></Error>",
    );
    const error = await done.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 400,
      code: "file_too_large",
      message: "Your upload is too large.",
    });
  });

  it.each(["", "<html>Bad gateway", "no XML at all"])(
    "survives an answer that is no XML: %j",
    async (body) => {
      const done = uploadForm(UPLOAD, FILE);
      FakeRequest.last.answer(502, body);
      await expect(done).rejects.toMatchObject({ code: "upload_refused", message: "HTTP 502" });
    },
  );

  it("tells a broken connection from a refusal", async () => {
    const done = uploadForm(UPLOAD, FILE);
    FakeRequest.last.onerror?.();
    await expect(done).rejects.toBeInstanceOf(UnreachableError);
  });

  it("ends when it is cancelled, also before it has begun", async () => {
    const control = new AbortController();
    const done = uploadForm(UPLOAD, FILE, { signal: control.signal });
    control.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    await expect(uploadForm(UPLOAD, FILE, { signal: control.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
