import { UnreachableError } from "@/api/problem";

export type SendRequest = {
  method: "POST" | "PUT";
  url: string;
  body: FormData | Blob;
  onProgress: (bytes: number) => void;
  signal: AbortSignal;
};

/** `etag` names a part that was PUT; a form has none to tell. */
export type Send = (request: SendRequest) => Promise<{ etag: string }>;

/** The storage refused a file or a part of it; `code` is its own word, such as `EntityTooLarge`. */
export class StorageError extends Error {
  override name = "StorageError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** Send to a signed address. fetch tells nothing of how far an upload is, so XMLHttpRequest does it. */
export const send: Send = ({ method, url, body, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) {
        resolve({ etag: method === "PUT" ? (request.getResponseHeader("ETag") ?? "") : "" });
      } else {
        reject(new StorageError(request.status, /<Code>(\w+)<\/Code>/.exec(request.responseText)?.[1] ?? ""));
      }
    });
    request.addEventListener("error", () => reject(new UnreachableError("The upload broke off.")));
    request.addEventListener("abort", () => reject(signal.reason));
    request.open(method, url);
    request.send(body);
  });
