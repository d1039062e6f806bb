import { useCallback, useEffect, useState } from "react";
import type { FormValues } from "@/views/model/try/instance";

/** What a form holds, kept for a reload of this tab.
 *
 * Not @mantine/form: it takes names for paths, and a feature may be called `a.b` or `x[0]`.
 */
export function useFormValues(key: string, initial: FormValues) {
  const [values, setValues] = useState<FormValues>(() => stored(key, initial) ?? initial);
  useEffect(() => {
    sessionStorage.setItem(key, JSON.stringify(values));
  }, [key, values]);
  const setValue = useCallback((name: string, value: string) => {
    setValues((before) => ({ ...before, [name]: value }));
  }, []);
  return { values, setValue, setValues };
}

/** What was kept, if it still fits the fields that there are. */
function stored(key: string, initial: FormValues): FormValues | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const values = new Map<string, unknown>(Object.entries(kept));
    return Object.fromEntries(
      Object.entries(initial).map(([name, example]) => {
        const value = values.get(name);
        return [name, typeof value === "string" ? value : example];
      }),
    );
  } catch {
    return null;
  }
}
