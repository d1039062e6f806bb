import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";

/** A switch that stands in the address: absent as it is by default, else as 1 or 0. */
export function useFlag(name: string, byDefault: boolean): [boolean, (isOn: boolean) => void] {
  const [search, setSearch] = useSearchParams();
  // The address follows a moment later, and a switch must not jump back until then.
  const [isOn, setOn] = useState(() => {
    const written = search.get(name);
    return written === null ? byDefault : written === "1";
  });
  const set = useCallback(
    (next: boolean) => {
      setOn(next);
      setSearch(
        (before) => {
          const after = new URLSearchParams(before);
          if (next === byDefault) after.delete(name);
          else after.set(name, next ? "1" : "0");
          return after;
        },
        { replace: true },
      );
    },
    [name, byDefault, setSearch],
  );
  return [isOn, set];
}
