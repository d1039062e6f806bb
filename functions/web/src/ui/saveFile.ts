/** Let the browser save a file that was made here. */
export function saveFile(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  followDownload(url, fileName);
  // At once would be before Firefox has begun to read.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Let the browser save what is behind an address; one of another origin names its file itself. */
export function followDownload(url: string, fileName = ""): void {
  const link = document.createElement("a");
  link.href = url;
  link.rel = "noreferrer";
  link.download = fileName;
  link.click();
}
