import { describe, expect, it, vi } from "vitest";
import { ProblemError } from "@/api/problem";
import { type Answer, answeredTable, answerRows } from "@/views/model/try/answerRows";
import type { Instance } from "@/views/model/try/fields";
import type { ReadRow } from "@/views/model/try/rows";

function row(n: number, faulty = false): ReadRow {
  return {
    cells: [String(n)],
    instance: { n },
    faults: faulty ? new Map([["n", { code: "not_a_number" as const }]]) : new Map(),
  };
}

function answer(instances: Instance[], warnings: Answer["warnings"] = []): Answer {
  return {
    model: "m",
    version: 4,
    stage: "production",
    warnings,
    warnings_total: warnings.length,
    predictions: instances.map(({ n }) => ({ prediction: Number(n) * 10 })),
  };
}

function refusal(errors: object[]): ProblemError {
  return new ProblemError({
    type: "about:blank",
    title: "Invalid request",
    status: 422,
    code: "invalid_request",
    detail: "Values do not fit.",
    errors: errors as never,
  });
}

describe("answerRows", () => {
  it("asks only the rows without faults and puts each answer to its row", async () => {
    const ask = vi.fn(async (instances: Instance[]) =>
      answer(instances, [
        { instance: 1, feature: "n", code: "out_of_range", message: "Training saw 0 to 2." },
      ]),
    );
    const answered = await answerRows([row(1), row(2, true), row(3)], ask);
    expect(ask).toHaveBeenCalledExactlyOnceWith([{ n: 1 }, { n: 3 }]);
    expect(answered.rows.map((each) => each.prediction?.prediction)).toEqual([10, undefined, 30]);
    expect(answered.rows.map((each) => each.warnings.get("n")?.code)).toEqual([
      undefined,
      undefined,
      "out_of_range",
    ]);
    expect(answered).toMatchObject({ version: 4, warningsTotal: 1 });
  });

  it("leaves out what the service refuses and asks again for the others", async () => {
    const ask = vi
      .fn(async (instances: Instance[]) => answer(instances))
      .mockRejectedValueOnce(refusal([{ instance: 1, feature: "n", code: "bad_date", message: "No date." }]));
    const answered = await answerRows([row(1, true), row(2), row(3), row(4)], ask);
    expect(ask.mock.calls[1]?.[0]).toEqual([{ n: 2 }, { n: 4 }]);
    expect(answered.rows.map((each) => each.prediction?.prediction)).toEqual([undefined, 20, undefined, 40]);
    expect(answered.rows[2]?.faults.get("n")).toEqual({ code: "bad_date", message: "No date." });
  });

  it("asks nothing where every row has faults", async () => {
    const ask = vi.fn();
    const answered = await answerRows([row(1, true)], ask);
    expect(ask).not.toHaveBeenCalled();
    expect(answered.version).toBeNull();
  });

  it("passes on what no row is to blame for", async () => {
    const error = refusal([{ location: "query.version", code: "bad", message: "No." }]);
    await expect(answerRows([row(1)], async () => Promise.reject(error))).rejects.toBe(error);
  });

  it("gives up where the refusals do not end", async () => {
    const ask = vi.fn(async () =>
      Promise.reject(refusal([{ instance: 0, feature: "n", code: "null", message: "" }])),
    );
    await expect(
      answerRows(
        Array.from({ length: 50 }, (_, n) => row(n)),
        ask,
      ),
    ).rejects.toBeInstanceOf(ProblemError);
    expect(ask.mock.calls.length).toBeLessThan(10);
  });
});

describe("answeredTable", () => {
  it("puts classes, intervals and notes beside what was pasted", async () => {
    const labels = {
      prediction: "y",
      low: "low",
      high: "high",
      probability: (label: string) => `p_${label}`,
      notes: "notes",
    };
    const rows = (
      await answerRows([row(1), row(2, true)], async () => ({
        ...answer([]),
        predictions: [{ prediction: "a", probabilities: { a: 0.75, b: 0.25 } }],
      }))
    ).rows;
    expect(answeredTable(rows, ["n"], labels, (name, finding) => `${name}: ${finding.code}`)).toEqual([
      ["n", "y", "p_a", "p_b", "notes"],
      ["1", "a", 0.75, 0.25, ""],
      ["2", null, null, null, "n: not_a_number"],
    ]);
  });
});
