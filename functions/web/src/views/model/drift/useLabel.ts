import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { type Bin, type Feature, labelOf } from "./drift";

/** Name of a bin in the chosen language. */
export function useLabel(type: Feature["type"] | null): (bin: Bin) => string {
  const { t } = useTranslation("drift");
  const format = useFormat();
  return (bin) => {
    const label = labelOf(bin, type, format);
    switch (label.kind) {
      case "value":
        return label.value;
      case "range":
        return t("bin.range", { from: label.from, below: label.below });
      case "below":
      case "upTo":
      case "from":
      case "above":
        return t(`bin.${label.kind}`, { value: label.value });
      default:
        return t(`bin.${label.kind}`);
    }
  };
}
