import {
  type Icon,
  IconArrowsMinimize,
  IconCalendar,
  IconColumnRemove,
  IconCopyMinus,
  IconCursorText,
  IconDropletHalf2,
  IconEraser,
  IconFilter,
  IconReplace,
  IconRowRemove,
  IconSpacingHorizontal,
  IconTransform,
} from "@tabler/icons-react";
import type { Step } from "@/recipes/draft";

export type Kind = Step["step"];

/** What steps are for; within it the order in which they are mostly taken. */
export const PURPOSES = {
  missing: ["mark_missing", "impute", "drop_rows_missing"],
  values: ["trim", "map_values", "clip"],
  columns: ["drop_columns", "rename", "change_type", "parse_dates"],
  rows: ["filter_rows", "drop_duplicates"],
} as const satisfies Record<string, readonly Kind[]>;

export const ICONS: Record<Kind, Icon> = {
  mark_missing: IconEraser,
  impute: IconDropletHalf2,
  drop_rows_missing: IconRowRemove,
  trim: IconSpacingHorizontal,
  map_values: IconReplace,
  clip: IconArrowsMinimize,
  drop_columns: IconColumnRemove,
  rename: IconCursorText,
  change_type: IconTransform,
  parse_dates: IconCalendar,
  filter_rows: IconFilter,
  drop_duplicates: IconCopyMinus,
};

/** A step of a kind with which its form begins: what the user must say is empty. */
export function newStep(kind: Kind): Step {
  switch (kind) {
    case "drop_columns":
    case "trim":
    case "parse_dates":
    case "clip":
      return { step: kind, columns: [] };
    case "drop_rows_missing":
      return { step: kind, columns: [] };
    case "impute":
      return { step: kind, columns: [], strategy: "mode" };
    case "drop_duplicates":
      return { step: kind };
    case "change_type":
      return { step: kind, columns: [], type: "categorical" };
    case "map_values":
      return { step: kind, columns: [], mapping: {} };
    case "mark_missing":
      return { step: kind, columns: [], values: [] };
    case "filter_rows":
      return { step: kind, column: "", operator: "present" };
    case "rename":
      return { step: kind, columns: {} };
  }
}
