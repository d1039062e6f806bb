import { useState } from "react";

const KEY = "csv-analyzer.recipe-live";

/** Whether changes are tried by themselves; what was chosen stays chosen. */
export function useLive(): [boolean, (live: boolean) => void] {
  const [live, setLive] = useState(() => localStorage.getItem(KEY) !== "off");
  return [
    live,
    (next) => {
      localStorage.setItem(KEY, next ? "on" : "off");
      setLive(next);
    },
  ];
}
