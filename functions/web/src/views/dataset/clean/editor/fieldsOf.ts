import type { Schemas } from "@/api/client";
import type { TableState } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";

/** What the controls of one kind of step are given. */
export type FieldsOf<K extends Step["step"]> = {
  step: Extract<Step, { step: K }>;
  onChange: (step: Step) => void;
  state: TableState;
  profiles: readonly Schemas["ColumnProfile"][];
};
