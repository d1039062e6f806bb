import type { TFunction } from "i18next";
import type { Step } from "@/recipes/draft";
import type { Value } from "@/recipes/faults";

/** What a sentence needs of the page's language. */
export type Words = {
  t: TFunction<["clean", "common"]>;
  language: string;
  number: (value: number) => string;
  percent: (share: number) => string;
};

const LISTED = 5;

/** Say in one sentence of the page's language what a step does. */
export function sentenceOf(step: Step, words: Words): string {
  const { t } = words;
  switch (step.step) {
    case "drop_columns":
      return t("sentence.drop_columns", { columns: columnsIn(step.columns, words) });
    case "drop_rows_missing":
      return rowsMissing(step, words);
    case "impute": {
      const columns = columnsIn(step.columns, words);
      if (step.strategy === "constant") {
        return t("sentence.impute.constant", { columns, value: valueIn(step.value ?? "", words) });
      }
      return step.by === undefined
        ? t(`sentence.impute.${step.strategy}`, { columns })
        : t(`sentence.impute.${step.strategy}By`, { columns, by: quoted(step.by, words) });
    }
    case "drop_duplicates": {
      const keep = step.keep ?? "first";
      return step.columns === undefined
        ? t(`sentence.drop_duplicates.${keep}`)
        : t(`sentence.drop_duplicates.${keep}In`, { columns: columnsIn(step.columns, words) });
    }
    case "change_type":
      return t(`sentence.change_type.${step.type}`, { columns: columnsIn(step.columns, words) });
    case "parse_dates": {
      const columns = columnsIn(step.columns, words);
      const format = step.format ?? "ISO8601";
      return format === "ISO8601"
        ? t("sentence.parse_dates.iso", { columns })
        : t("sentence.parse_dates.format", { columns, format });
    }
    case "trim":
      return t(`sentence.trim.${step.case ?? "keep"}`, { columns: columnsIn(step.columns, words) });
    case "map_values":
      return mapped(step, words);
    case "mark_missing": {
      const values = valuesIn(step.values, words);
      const columns = columnsIn(step.columns, words);
      return step.ignore_case
        ? t("sentence.mark_missing.ignoreCase", { columns, values })
        : t("sentence.mark_missing.exact", { columns, values });
    }
    case "clip":
      return clipped(step, words);
    case "filter_rows":
      return filtered(step, words);
    case "rename": {
      const pairs = Object.entries(step.columns).map(([old, name]) =>
        t("sentence.rename.pair", { old: quoted(old, words), new: quoted(name, words) }),
      );
      return t("sentence.rename.all", { pairs: listed(pairs, words) });
    }
  }
}

function rowsMissing(step: Extract<Step, { step: "drop_rows_missing" }>, words: Words): string {
  const { t } = words;
  if (step.max_share === undefined) {
    return t("sentence.drop_rows_missing.any", {
      columns: columnsIn(step.columns ?? [], words, "disjunction"),
    });
  }
  const share = words.percent(step.max_share);
  return step.columns === undefined
    ? t("sentence.drop_rows_missing.share", { share })
    : t("sentence.drop_rows_missing.shareOf", { share, columns: columnsIn(step.columns, words) });
}

function mapped(step: Extract<Step, { step: "map_values" }>, words: Words): string {
  const { t } = words;
  const pairs = Object.entries(step.mapping).map(([old, value]) =>
    value === null
      ? t("sentence.map_values.toMissing", { old: quoted(old, words) })
      : t("sentence.map_values.pair", { old: quoted(old, words), new: valueIn(value, words) }),
  );
  const options = { columns: columnsIn(step.columns, words), pairs: listed(pairs, words) };
  const main = step.ignore_case
    ? t("sentence.map_values.ignoreCase", options)
    : t("sentence.map_values.exact", options);
  if (step.other === undefined) {
    return main;
  }
  const others =
    step.other === null
      ? t("sentence.map_values.othersMissing")
      : t("sentence.map_values.others", { value: valueIn(step.other, words) });
  return t("sentence.two", { first: main, second: others });
}

function clipped(step: Extract<Step, { step: "clip" }>, words: Words): string {
  const { t } = words;
  const end = (bound: number | undefined, share: number | undefined) => {
    if (bound !== undefined) return words.number(bound);
    return share === undefined ? null : t("sentence.clip.quantile", { share: words.percent(share) });
  };
  const columns = columnsIn(step.columns, words);
  const lower = end(step.lower, step.lower_quantile);
  const upper = end(step.upper, step.upper_quantile);
  if (lower !== null && upper !== null) {
    return t("sentence.clip.both", { columns, lower, upper });
  }
  return lower !== null
    ? t("sentence.clip.lower", { columns, lower })
    : t("sentence.clip.upper", { columns, upper: upper ?? "" });
}

function filtered(step: Extract<Step, { step: "filter_rows" }>, words: Words): string {
  const { t } = words;
  const column = quoted(step.column, words);
  switch (step.operator) {
    case "missing":
    case "present":
      return t(`sentence.filter_rows.${step.operator}`, { column });
    case "between": {
      const [low = "", high = ""] = step.values ?? [];
      return t("sentence.filter_rows.between", {
        column,
        low: valueIn(low, words),
        high: valueIn(high, words),
      });
    }
    case "in":
    case "not_in":
      return t(`sentence.filter_rows.${step.operator}`, {
        column,
        values: valuesIn(step.values ?? [], words, "disjunction"),
      });
    default:
      return t(`sentence.filter_rows.${step.operator}`, { column, value: valueIn(step.value ?? "", words) });
  }
}

type ListType = "conjunction" | "disjunction";

function quoted(text: string, { t }: Words): string {
  return t("sentence.quoted", { text });
}

/** A value as the sentence writes it: numbers as they are, words in quotation marks. */
export function valueIn(value: Value, words: Words): string {
  if (typeof value === "number") return words.number(value);
  if (typeof value === "boolean") return words.t(`value.${value}`);
  return quoted(value, words);
}

function columnsIn(columns: readonly string[], words: Words, type: ListType = "conjunction"): string {
  return listed(
    columns.map((column) => quoted(column, words)),
    words,
    type,
  );
}

function valuesIn(values: readonly Value[], words: Words, type: ListType = "conjunction"): string {
  return listed(
    values.map((value) => valueIn(value, words)),
    words,
    type,
  );
}

/** The first of many entries; how many more there are closes the list. */
function listed(entries: readonly string[], words: Words, type: ListType = "conjunction"): string {
  const list = new Intl.ListFormat(words.language, { type });
  if (entries.length <= LISTED) {
    return list.format(entries);
  }
  const more = words.t("sentence.more", { count: entries.length - LISTED + 1 });
  return list.format([...entries.slice(0, LISTED - 1), more]);
}
