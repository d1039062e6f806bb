import { describe, expect, it } from "vitest";

type Messages = { [key: string]: string | Messages };

const files = import.meta.glob<Messages>("./*/*.json", { import: "default", eager: true });
const namespaces = Object.keys(files)
  .map((path) => /^\.\/en\/(.+)\.json$/.exec(path)?.[1])
  .filter((name) => name !== undefined);

/** Texts that are right in both languages as they are. */
const EQUAL_IN_BOTH = new Set([
  "Actions",
  "Archive",
  "CSV Analyzer {{version}}",
  "Candidate",
  "Classification",
  "Date",
  "Distribution",
  "F1",
  "Importance",
  "Jensen-Shannon",
  "Maximum",
  "Minimum",
  "Navigation",
  "ONNX",
  "Page {{number}}",
  "Point (1.5)",
  "Python",
  "R²",
  "Score",
  "Type",
  "Version",
  "Version {{number}}",
  "Version {{number}} ({{stage}})",
  "Versions",
  "apostrophe '",
  "curl",
  "p_{{label}}",
  "point .",
  "predictions",
  "{{count, number}} version",
  "{{count, number}} versions",
  "{{number}} pts",
]);

const CATEGORIES = ["zero", "one", "two", "few", "many", "other"];
const required = (language: string) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;

/** The texts of a file by their path. */
function flat(messages: Messages, path = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === "string") {
      texts.set(path + key, value);
    } else {
      for (const entry of flat(value, `${path}${key}.`)) texts.set(...entry);
    }
  }
  return texts;
}

/** Texts by their key without the suffix of a plural; `forms` is empty where a text has no plural. */
function families(texts: Map<string, string>): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [path, text] of texts) {
    const match = new RegExp(`^(.+)_(${CATEGORIES.join("|")})$`).exec(path);
    const isPlural = match !== null && texts.has(`${match[1]}_other`);
    const base = isPlural ? String(match[1]) : path;
    const forms = found.get(base) ?? new Map<string, string>();
    found.set(base, forms.set(isPlural ? String(match[2]) : "", text));
  }
  return found;
}

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{-?\s*(\w+)[^}]*\}\}|<\/?\w+\s*\/?>/g)].map((match) => match[1] ?? match[0]).sort();

describe.each(namespaces)("messages of %s", (namespace) => {
  const english = flat(files[`./en/${namespace}.json`] ?? {});
  const french = flat(files[`./fr/${namespace}.json`] ?? {});

  it("are the same in French as in English", () => {
    expect([...families(french).keys()].sort()).toEqual([...families(english).keys()].sort());
  });

  it.each([
    ["en", english],
    ["fr", french],
  ] as const)("have every plural that %s needs", (language, texts) => {
    for (const [key, forms] of families(texts)) {
      if (!forms.has("")) {
        expect([...forms.keys()], key).toEqual(expect.arrayContaining(required(language)));
        const known = new Set(["zero", ...required(language)]);
        expect(
          [...forms.keys()].filter((category) => !known.has(category)),
          key,
        ).toEqual([]);
      }
    }
  });

  it("have the same placeholders and tags", () => {
    for (const [key, forms] of families(french)) {
      const original = families(english).get(key);
      const wanted = placeholders(original?.get("other") ?? original?.get("") ?? "");
      for (const [category, text] of forms) {
        // "One row" and "no row" may go without the numbers.
        const isFree = category === "one" || category === "zero";
        const names = placeholders(text);
        expect(names, `${key}_${category}`).toEqual(
          isFree ? wanted.filter((name) => names.includes(name)) : wanted,
        );
      }
    }
  });

  it("are never empty", () => {
    for (const [key, text] of [...english, ...french]) {
      expect(text.trim(), key).not.toBe("");
    }
  });

  it("are translated", () => {
    const left = [...french].filter(
      ([key, text]) =>
        english.get(key) === text &&
        !EQUAL_IN_BOTH.has(text) &&
        /\p{L}/u.test(text.replace(/\{\{.*?\}\}/g, "")),
    );
    expect(left).toEqual([]);
  });
});

it("there is a file for each namespace in both languages, and no other", () => {
  const names = (language: string) =>
    Object.keys(files)
      .filter((path) => path.startsWith(`./${language}/`))
      .map((path) => path.slice(5))
      .sort();
  expect(names("fr")).toEqual(names("en"));
  expect(names("en")).not.toEqual([]);
});
