import { useEffect } from "react";

export const PRODUCT = "CSV Analyzer";

/** Name the view in the browser's tab and history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${PRODUCT}`;
  }, [title]);
}
