/** Why a file is not worth sending; what only its rows can tell, the analysis tells. */
export type FileFault = "empty" | "workbook" | "archive" | "document" | "image" | "binary";

/** The file itself is refused before it is sent. */
export class FileError extends Error {
  override name = "FileError";
  readonly fault: FileFault;

  constructor(fault: FileFault) {
    super(fault);
    this.fault = fault;
  }
}

// First bytes of what people take for a CSV file, or drop by mistake; none of them begins a text.
const SIGNATURES: readonly (readonly [readonly number[], FileFault])[] = [
  [[0xd0, 0xcf, 0x11, 0xe0], "workbook"],
  [[0x1f, 0x8b], "archive"],
  [[0x37, 0x7a, 0xbc, 0xaf], "archive"],
  [[0x52, 0x61, 0x72, 0x21, 0x1a], "archive"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "archive"],
  [[0x28, 0xb5, 0x2f, 0xfd], "archive"],
  [[0x25, 0x50, 0x44, 0x46, 0x2d], "document"],
  [[0x89, 0x50, 0x4e, 0x47], "image"],
  [[0xff, 0xd8, 0xff], "image"],
  [[0x50, 0x41, 0x52, 0x31, 0x15], "binary"],
  [[0x89, 0x48, 0x44, 0x46], "binary"],
  [[0x7f, 0x45, 0x4c, 0x46], "binary"],
];
const ZIP = [0x50, 0x4b, 0x03, 0x04];
const HEAD_BYTES = 16;

/** What the name and the first bytes of a file say against it. */
export async function faultOf(file: File): Promise<FileFault | null> {
  if (file.size === 0) {
    return "empty";
  }
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const begins = (signature: readonly number[]) => signature.every((byte, at) => head[at] === byte);
  if (begins(ZIP)) {
    return /\.(xls[xmb]?|ods|numbers)$/i.test(file.name) ? "workbook" : "archive";
  }
  return SIGNATURES.find(([signature]) => begins(signature))?.[1] ?? null;
}
