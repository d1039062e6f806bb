import { useCallback, useRef, useState } from "react";
import { $api } from "@/api/client";
import { ProblemError } from "@/api/problem";
import type { Chosen } from "@/ui/VersionChoice";
import type { Answer, Finding, Prediction } from "@/views/model/try/answerRows";
import type { Instance } from "@/views/model/try/fields";
import type { FormValues } from "@/views/model/try/instance";

/** What was asked and what was answered. */
export type Asked = { values: FormValues; answer: Answer; prediction: Prediction; hasReasons: boolean };
/** Values that the service refused, and why. */
export type Refused = { values: FormValues; faults: ReadonlyMap<string, Finding> };
type Outcome = { kind: "answered" } | { kind: "refused"; field: string | null };

const NO_REASONS = ["no_background", "too_many"];

/** Ask about one row and keep the answer before, so that both can be compared. */
export function useAsk(model: string, query: NonNullable<Chosen>["query"], strict: boolean) {
  const { mutateAsync, isPending } = $api.useMutation("post", "/models/{name}/predict");
  const [answers, setAnswers] = useState<{ asked: Asked | null; former: Asked | null }>({
    asked: null,
    former: null,
  });
  const [refused, setRefused] = useState<Refused | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  // Answers may come in another order than they were asked for; the last question counts.
  const last = useRef(0);

  const ask = useCallback(
    async (instance: Instance, values: FormValues): Promise<Outcome> => {
      last.current += 1;
      const number = last.current;
      const request = (explain: boolean) =>
        mutateAsync({
          params: { path: { name: model }, query },
          body: { instances: [instance], strict, explain },
        });
      try {
        let hasReasons = true;
        const answer = await request(true).catch((error: unknown) => {
          if (!isWithoutReasons(error)) throw error;
          hasReasons = false;
          return request(false);
        });
        const [prediction] = answer.predictions;
        if (number === last.current && prediction) {
          setAnswers((before) => ({
            asked: { values, answer, prediction, hasReasons },
            former: before.asked !== null && before.asked.values !== values ? before.asked : before.former,
          }));
          setRefused(null);
          setProblem(null);
        }
        return { kind: "answered" };
      } catch (error) {
        const faults = faultsByFeature(error);
        if (number === last.current) {
          setRefused(faults.size > 0 ? { values, faults } : null);
          setProblem(faults.size > 0 ? null : error);
        }
        return { kind: "refused", field: faults.keys().next().value ?? null };
      }
    },
    [mutateAsync, model, query, strict],
  );
  return { ask, ...answers, refused, problem, isPending };
}

/** A model without background rows, or of too many columns, answers all the same. */
function isWithoutReasons(error: unknown): boolean {
  return error instanceof ProblemError && error.faults.some((fault) => NO_REASONS.includes(fault.code));
}

function faultsByFeature(error: unknown): Map<string, Finding> {
  const faults = error instanceof ProblemError ? error.faults : [];
  return new Map(
    faults.flatMap((fault) =>
      fault.feature ? [[fault.feature, { code: fault.code, message: fault.message }] as const] : [],
    ),
  );
}
