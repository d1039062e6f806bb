import type { Schemas } from "@/api/client";
import { ProblemError, UnreachableError } from "@/api/problem";

export type UploadOptions = {
  /** Called with the share of the file that was sent, 0 to 1. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
};

/** Send a file by a presigned form; no token goes there.
 *
 * Throws an AbortError when the signal breaks it off, an UnreachableError when nothing answers, and a
 * ProblemError with S3's own words when the form is refused.
 */
export function uploadForm(
  upload: Schemas["Upload"],
  file: File,
  { onProgress, signal }: UploadOptions = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancelled = () => new DOMException("The upload was cancelled.", "AbortError");
    if (signal?.aborted) {
      reject(cancelled());
      return;
    }
    // fetch() tells nothing about how much of a body was sent.
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort, { once: true });
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) {
        onProgress?.(event.loaded / event.total);
      }
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        onProgress?.(1);
        resolve();
      } else {
        reject(refusal(request.status, request.responseText));
      }
    };
    request.onerror = () => reject(new UnreachableError("The upload broke off."));
    request.onabort = () => reject(cancelled());
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    request.open("POST", upload.url);
    request.send(formOf(upload.fields, file));
  });
}

/** The form's body; S3 ignores every field behind the file. */
function formOf(fields: Readonly<Record<string, string>>, file: File): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  form.append("file", file);
  return form;
}

/** What S3 says in XML, as the problem document that the API would have sent. */
function refusal(status: number, body: string): ProblemError {
  const answer = new DOMParser().parseFromString(body, "application/xml");
  const text = (name: string) => answer.getElementsByTagName(name)[0]?.textContent?.trim() || null;
  const code = text("Code");
  return new ProblemError({
    type: "about:blank",
    title: "The upload was refused",
    status,
    code: CODES.get(code ?? "") ?? "upload_refused",
    detail: text("Message") ?? `HTTP ${status}`,
  });
}

const CODES = new Map([
  ["EntityTooLarge", "file_too_large"],
  ["EntityTooSmall", "file_empty"],
]);
