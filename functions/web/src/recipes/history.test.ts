import { describe, expect, test } from "vitest";
import { begin, record, redo, undo } from "@/recipes/history";

const abc = () => record(record(begin("a"), "b"), "c");

describe("history", () => {
  test("goes back step by step and forward again", () => {
    const back = undo(undo(abc()));
    expect(back.present).toBe("a");
    expect(redo(back).present).toBe("b");
    expect(redo(redo(back))).toEqual(abc());
  });

  test("stays where there is nothing to take back or to repeat", () => {
    expect(undo(begin("a"))).toEqual(begin("a"));
    expect(redo(abc())).toEqual(abc());
  });

  test("forgets what was taken back when something new happens", () => {
    const other = record(undo(abc()), "d");
    expect(other.future).toEqual([]);
    expect(undo(other).present).toBe("b");
  });

  test("does not record what is the present already", () => {
    const history = undo(abc());
    expect(record(history, history.present)).toBe(history);
  });

  test("holds a hundred entries at most, the latest ones", () => {
    let history = begin(0);
    for (let number = 1; number <= 150; number += 1) {
      history = record(history, number);
    }
    expect(history.past).toHaveLength(100);
    expect(history.past[0]).toBe(50);
    expect(undo(history).present).toBe(149);
  });
});
