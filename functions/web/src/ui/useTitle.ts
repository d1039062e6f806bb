import { useEffect } from "react";

/** Name the view in the browser's tab and history. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · CSV Analyzer`;
  }, [title]);
}
