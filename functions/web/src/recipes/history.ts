/** What was, what is, and what was taken back: each list has its latest entry at its end. */
export type History<T> = { readonly past: readonly T[]; readonly present: T; readonly future: readonly T[] };

const MAX_PAST = 100;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** Go on from the present; what had been taken back is forgotten then. */
export function record<T>(history: History<T>, next: T): History<T> {
  if (next === history.present) {
    return history;
  }
  return { past: [...history.past, history.present].slice(-MAX_PAST), present: next, future: [] };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) {
    return history;
  }
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [...history.future, history.present],
  };
}

export function redo<T>(history: History<T>): History<T> {
  const after = history.future.at(-1);
  if (after === undefined) {
    return history;
  }
  return {
    past: [...history.past, history.present],
    present: after,
    future: history.future.slice(0, -1),
  };
}
