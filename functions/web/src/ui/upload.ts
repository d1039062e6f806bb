import { ProblemError, UnreachableError } from "@/api/problem";

export type SendRequest = {
  method: "POST" | "PUT";
  url: string;
  body: FormData | Blob;
  /** Called with the bytes of the body that were sent; a form has some more than its file. */
  onProgress: (bytes: number) => void;
  signal: AbortSignal;
};

/** `etag` names a part that was PUT; a form has none to tell. */
export type Send = (request: SendRequest) => Promise<{ etag: string }>;

/** The storage refused a file or a part of it; `code` is its own word, such as `EntityTooLarge`. */
export class StorageError extends ProblemError {
  override name = "StorageError";

  constructor(status: number, code: string, message = "") {
    const detail = message || code || `HTTP ${status}`;
    super({ type: "about:blank", title: "The upload was refused", status, code, detail });
  }
}

/** Send to a presigned address, to which no token goes.
 *
 * Throws the signal's reason when it breaks the upload off, an UnreachableError when nothing answers, and a
 * StorageError when the body is refused. fetch() tells nothing of how far an upload is, so XMLHttpRequest does it.
 */
export const send: Send = ({ method, url, body, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve({ etag: method === "PUT" ? (request.getResponseHeader("ETag") ?? "") : "" });
      } else {
        reject(refusal(request.status, request.responseText));
      }
    };
    request.onerror = () => reject(new UnreachableError("The upload broke off."));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.open(method, url);
    request.send(body);
  });

/** Body of a presigned form; S3 reads no field behind the file. */
export function formBody(fields: Readonly<Record<string, string>>, file: File): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    body.append(name, value);
  }
  body.append("file", file);
  return body;
}

/** What S3 says in XML. */
function refusal(status: number, body: string): StorageError {
  const answer = new DOMParser().parseFromString(body, "application/xml");
  const text = (name: string) => answer.getElementsByTagName(name)[0]?.textContent?.trim() ?? "";
  return new StorageError(status, text("Code"), text("Message"));
}
