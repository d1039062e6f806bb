/** Address of this view with the detail of a column open, or with none. */
export function withColumn(params: URLSearchParams, column: string | null): string {
  const changed = new URLSearchParams(params);
  changed.delete("column");
  if (column !== null) {
    changed.set("column", column);
  }
  const search = changed.toString();
  return search === "" ? "." : `?${search}`;
}

/** The parameters with some of them changed; null takes one away. */
export function changed(params: URLSearchParams, changes: Record<string, string | null>): URLSearchParams {
  const found = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") {
      found.delete(name);
    } else {
      found.set(name, value);
    }
  }
  return found;
}
