import type { Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Instance } from "@/views/model/try/fields";
import type { ReadRow } from "@/views/model/try/rows";

export type Prediction = Schemas["Prediction"];
export type Answer = Schemas["PredictResponse"];
/** What is to be said about a cell: a fault or a warning. */
export type Finding = { code: string; message: string };

export type AnsweredRow = {
  row: ReadRow;
  prediction: Prediction | null;
  faults: ReadonlyMap<string, Finding>;
  warnings: ReadonlyMap<string, Finding>;
};
export type AnsweredRows = {
  rows: AnsweredRow[];
  /** The version that answered; null where no row could be asked. */
  version: number | null;
  warningsTotal: number;
};

// A refusal names a hundred faults; whoever has more of them has pasted another table.
const MAX_ROUNDS = 8;

/** Ask all rows at once; those that the service refuses are left out, so that the others get their answers. */
export async function answerRows(
  rows: readonly ReadRow[],
  ask: (instances: Instance[]) => Promise<Answer>,
): Promise<AnsweredRows> {
  const faults = rows.map((row) => new Map<string, Finding>([...row.faults].map(withoutMessage)));
  for (let round = 1; ; round += 1) {
    const asked = rows.flatMap((_, index) => (faults[index]?.size === 0 ? [index] : []));
    if (asked.length === 0) {
      return { rows: joined(rows, faults, new Map(), []), version: null, warningsTotal: 0 };
    }
    try {
      const answer = await ask(asked.map((index) => rows[index]?.instance ?? {}));
      const predictions = new Map(asked.map((index, place) => [index, answer.predictions[place] ?? null]));
      const warnings = answer.warnings.map((warning) => ({
        ...warning,
        instance: asked[warning.instance] ?? -1,
      }));
      return {
        rows: joined(rows, faults, predictions, warnings),
        version: answer.version,
        warningsTotal: answer.warnings_total,
      };
    } catch (error) {
      const found = error instanceof ProblemError ? error.faults : [];
      const placed = found.filter((fault) => fault.instance !== null && fault.instance !== undefined);
      if (placed.length === 0 || round === MAX_ROUNDS) {
        throw error;
      }
      for (const fault of placed) {
        const index = asked[fault.instance ?? -1];
        faults[index ?? -1]?.set(fault.feature ?? "", { code: fault.code, message: fault.message });
      }
    }
  }
}

function joined(
  rows: readonly ReadRow[],
  faults: readonly ReadonlyMap<string, Finding>[],
  predictions: ReadonlyMap<number, Prediction | null>,
  warnings: readonly Schemas["PredictWarning"][],
): AnsweredRow[] {
  const warned = new Map<number, Map<string, Finding>>();
  for (const { instance, feature, code, message } of warnings) {
    const found = warned.get(instance) ?? new Map<string, Finding>();
    warned.set(instance, found.set(feature, { code, message }));
  }
  return rows.map((row, index) => ({
    row,
    prediction: predictions.get(index) ?? null,
    faults: faults[index] ?? new Map(),
    warnings: warned.get(index) ?? new Map(),
  }));
}

function withoutMessage([name, fault]: [string, { code: string }]): [string, Finding] {
  return [name, { code: fault.code, message: "" }];
}

/** The table of answers as cells: what was pasted, the answer, and what is to be said about the row. */
export function answeredTable(
  answered: readonly AnsweredRow[],
  columns: readonly string[],
  labels: {
    prediction: string;
    low: string;
    high: string;
    probability: (label: string) => string;
    notes: string;
  },
  noteOf: (name: string, finding: Finding) => string,
): (string | number | null)[][] {
  const first = answered.find((row) => row.prediction)?.prediction ?? null;
  const classes = Object.keys(first?.probabilities ?? {});
  const hasInterval = first?.interval !== null && first?.interval !== undefined;
  const head = [
    ...columns,
    labels.prediction,
    ...classes.map(labels.probability),
    ...(hasInterval ? [labels.low, labels.high] : []),
    labels.notes,
  ];
  const body = answered.map(({ row, prediction, faults, warnings }) => [
    ...columns.map((_, place) => row.cells[place] ?? ""),
    prediction?.prediction ?? null,
    ...classes.map((label) => prediction?.probabilities?.[label] ?? null),
    ...(hasInterval ? [prediction?.interval?.low ?? null, prediction?.interval?.high ?? null] : []),
    [...faults, ...warnings].map(([name, finding]) => noteOf(name, finding)).join("; "),
  ]);
  return [head, ...body];
}
