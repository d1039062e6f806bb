import type { Schemas } from "@/api/client";
import { ProblemError, UnreachableError } from "@/api/problem";
import { formBody, type Send } from "@/ui/upload";
import { FileError, faultOf } from "@/views/datasets/inspect";

/** From this size on a file goes in parts, of which a broken one alone is sent again. */
export const MULTIPART_BYTES = 64 * 1024 * 1024;
export const PARALLEL_PARTS = 3;
/** How often something is sent again after its first attempt. */
export const REPEATS = 3;
const MAX_NAME = 200;

type Created = Schemas["CreatedDataset"];
type SentPart = Schemas["SentPart"];
type Parts = Schemas["MultipartUpload"];

/** What an upload talks to: the API, the storage behind its signed addresses, and the clock. */
export type Remote = {
  announce: (request: Schemas["UploadRequest"], signal: AbortSignal) => Promise<Created>;
  complete: (datasetId: string, parts: SentPart[], signal: AbortSignal) => Promise<void>;
  discard: (datasetId: string) => Promise<void>;
  send: Send;
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

export type Watch = { onSent: (bytes: number) => void; signal: AbortSignal };

/** Upload a file whole and return the id of its dataset; what fails or is called off leaves nothing behind. */
export async function upload(file: File, remote: Remote, watch: Watch): Promise<string> {
  const fault = await faultOf(file);
  if (fault) {
    throw new FileError(fault);
  }
  const multipart = file.size >= MULTIPART_BYTES;
  const request = { file_name: shortName(file.name), size_bytes: file.size, multipart };
  const created = await remote.announce(request, watch.signal);
  try {
    watch.signal.throwIfAborted();
    if (created.upload?.kind === "form") {
      await sendForm(file, created.upload, remote, watch);
    } else if (created.upload?.kind === "multipart") {
      const parts = await sendParts(file, created.upload, remote, watch);
      await again(() => remote.complete(created.id, parts, watch.signal), remote, watch.signal);
    } else {
      throw new Error("The service has named no way to upload the file.");
    }
  } catch (error) {
    await remote.discard(created.id).catch(() => undefined);
    throw error;
  }
  return created.id;
}

async function sendForm(
  file: File,
  form: Schemas["Upload"],
  remote: Remote,
  { onSent, signal }: Watch,
): Promise<void> {
  const body = formBody(form.fields, file);
  const onProgress = (bytes: number) => onSent(Math.min(bytes, file.size));
  await again(() => remote.send({ method: "POST", url: form.url, body, onProgress, signal }), remote, signal);
}

async function sendParts(file: File, plan: Parts, remote: Remote, watch: Watch): Promise<SentPart[]> {
  // Where one part fails for good, the others are called off.
  const failure = new AbortController();
  const signal = AbortSignal.any([watch.signal, failure.signal]);
  const sent = new Map<number, number>();
  const done: SentPart[] = [];
  const waiting = [...plan.parts];

  async function sendOne({ number, url }: Schemas["UploadPart"]): Promise<void> {
    const start = (number - 1) * plan.part_bytes;
    const body = file.slice(start, start + plan.part_bytes);
    const onProgress = (bytes: number) => {
      sent.set(number, Math.min(bytes, body.size));
      watch.onSent([...sent.values()].reduce((sum, value) => sum + value, 0));
    };
    const { etag } = await again(
      () => {
        onProgress(0);
        return remote.send({ method: "PUT", url, body, onProgress, signal });
      },
      remote,
      signal,
    );
    onProgress(body.size);
    done.push({ number, etag });
  }

  async function sendNext(): Promise<void> {
    for (let part = waiting.shift(); part; part = waiting.shift()) {
      await sendOne(part);
    }
  }

  try {
    await Promise.all(Array.from({ length: PARALLEL_PARTS }, sendNext));
  } catch (error) {
    failure.abort(error);
    throw error;
  }
  return done.sort((one, other) => one.number - other.number);
}

/** Try something again that failed in passing, each time after a longer pause. */
async function again<T>(attempt: () => Promise<T>, remote: Remote, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await attempt();
    } catch (error) {
      failures += 1;
      if (failures > REPEATS || !isPassing(error)) {
        throw error;
      }
      await remote.wait(500 * 2 ** failures, signal);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) {
    return error.status >= 500 || error.status === 408 || error.status === 429;
  }
  return error instanceof UnreachableError;
}

/** A name that the service takes: its end is kept, which says what the file is. */
function shortName(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME - 10)}${name.slice(-10)}`;
}
