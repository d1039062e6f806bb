import type { Step } from "@/recipes/draft";
import { ClipFields } from "@/views/dataset/clean/editor/ClipFields";
import { ChangeTypeFields, ParseDatesFields, TrimFields } from "@/views/dataset/clean/editor/ColumnFields";
import {
  DropColumnsFields,
  DropDuplicatesFields,
  DropRowsFields,
} from "@/views/dataset/clean/editor/DropFields";
import { FilterFields } from "@/views/dataset/clean/editor/FilterFields";
import type { FieldsOf } from "@/views/dataset/clean/editor/fieldsOf";
import { ImputeFields } from "@/views/dataset/clean/editor/ImputeFields";
import { MapFields } from "@/views/dataset/clean/editor/MapFields";
import { MarkMissingFields } from "@/views/dataset/clean/editor/MarkMissingFields";
import { RenameFields } from "@/views/dataset/clean/editor/RenameFields";

/** The controls of a step of any kind. */
export function StepFields({ step, ...rest }: FieldsOf<Step["step"]>) {
  switch (step.step) {
    case "drop_columns":
      return <DropColumnsFields step={step} {...rest} />;
    case "drop_rows_missing":
      return <DropRowsFields step={step} {...rest} />;
    case "drop_duplicates":
      return <DropDuplicatesFields step={step} {...rest} />;
    case "impute":
      return <ImputeFields step={step} {...rest} />;
    case "change_type":
      return <ChangeTypeFields step={step} {...rest} />;
    case "parse_dates":
      return <ParseDatesFields step={step} {...rest} />;
    case "trim":
      return <TrimFields step={step} {...rest} />;
    case "map_values":
      return <MapFields step={step} {...rest} />;
    case "mark_missing":
      return <MarkMissingFields step={step} {...rest} />;
    case "clip":
      return <ClipFields step={step} {...rest} />;
    case "filter_rows":
      return <FilterFields step={step} {...rest} />;
    case "rename":
      return <RenameFields step={step} {...rest} />;
  }
}
