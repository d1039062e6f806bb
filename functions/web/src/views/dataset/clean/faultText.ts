import type { StepFault } from "@/recipes/faults";
import { valueIn, type Words } from "@/recipes/sentence";

/** Say in the page's language what is wrong with a step. */
export function faultText(fault: StepFault, words: Words): string {
  const { t } = words;
  const type = "type" in fault ? t(`common:type.${fault.type}`) : "";
  switch (fault.code) {
    case "unknownColumn":
    case "target":
    case "ownGroup":
    case "targetGroup":
      return t(`fault.${fault.code}`, { column: fault.column });
    case "wrongType":
    case "noStatistic":
    case "noOrder":
      return t(`fault.${fault.code}`, { column: fault.column, type });
    case "cannotBecome":
      return t("fault.cannotBecome", { column: fault.column, type, to: t(`common:type.${fault.to}`) });
    case "badValue":
      return t("fault.badValue", { column: fault.column, type, value: valueIn(fault.value, words) });
    case "nameTaken":
    case "badName":
      return t(`fault.${fault.code}`, { name: fault.name });
    case "badFormat":
      return t("fault.badFormat", { format: fault.format });
    default:
      return t(`fault.${fault.code}`);
  }
}
