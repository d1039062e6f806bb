/** Let the browser save a file that was made here. */
export function saveFile(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  followDownload(url, fileName);
  URL.revokeObjectURL(url);
}

/** Let the browser save what is behind an address; one of another origin names its file itself. */
export function followDownload(url: string, fileName: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
}
