import { ProblemError } from "@/api/problem";
import type { StepFault } from "@/recipes/faults";
import type { Words } from "@/recipes/sentence";
import { faultText } from "@/views/dataset/clean/faultText";
import type { CardFaults } from "@/views/dataset/clean/StepCard";
import type { Trial } from "@/views/dataset/clean/useTrial";

/** What is wrong with each step: what the page sees, what the service refused, what the data did not bear. */
export function cardFaults(
  faults: readonly StepFault[][],
  { error, recipe }: Pick<Trial, "error" | "recipe">,
  words: Words,
): CardFaults[] {
  const refused = error instanceof ProblemError ? error.faults : [];
  const failed = recipe?.error?.steps ?? [];
  return faults.map((found, index) => ({
    own: [...new Set(found.map((fault) => faultText(fault, words)))],
    service: [...refused, ...failed].filter(({ step }) => step === index + 1).map(({ message }) => message),
  }));
}
