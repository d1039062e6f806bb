/** Address of this view with the detail of a column open, or with none. */
export function withColumn(params: URLSearchParams, column: string | null): string {
  // Never a bare path: the router would mark that of an index route by a parameter of its own.
  return `?${changed(params, { column })}`;
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
