/** Those whose name holds all words of a text, in whatever order, case or accent. */
export function named<T extends { file_name: string }>(items: readonly T[], text: string): T[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return items.filter((item) => words.every((word) => plain(item.file_name).includes(word)));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
