import i18next, { type TFunction } from "i18next";
import { describe, expect, test } from "vitest";
import { makeFormat } from "@/i18n/format";
import english from "@/messages/en/clean.json";
import french from "@/messages/fr/clean.json";
import type { Step } from "@/recipes/draft";
import { sentenceOf, type Words } from "@/recipes/sentence";

async function wordsOf(language: "en" | "fr"): Promise<Words> {
  const own = i18next.createInstance();
  await own.init({
    lng: language,
    resources: { en: { clean: english }, fr: { clean: french } },
    ns: ["clean"],
    defaultNS: "clean",
    fallbackLng: false,
    interpolation: { escapeValue: false },
  });
  const format = makeFormat(language);
  return {
    t: own.t as unknown as TFunction<["clean", "common"]>,
    language,
    number: (value) => format.number(value, 6),
    percent: (share) => format.percent(share),
  };
}

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

const CASES: [Step, string, string][] = [
  [
    { step: "drop_columns", columns: ["id", "name"] },
    "Drop “id” and “name”.",
    "Supprimer « id » et « name ».",
  ],
  [
    { step: "drop_rows_missing", columns: ["age", "city"] },
    "Leave out rows where “age” or “city” is missing.",
    "Écarter les lignes où « age » ou « city » manque.",
  ],
  [
    { step: "drop_rows_missing", max_share: 0.5 },
    "Leave out rows that lack more than 50% of their cells.",
    "Écarter les lignes où manquent plus de 50 % des cellules.",
  ],
  [
    { step: "drop_rows_missing", max_share: 0.125, columns: ["a"] },
    "Leave out rows that lack more than 12.5% of the cells of “a”.",
    "Écarter les lignes où manquent plus de 12,5 % des cellules de « a ».",
  ],
  [
    { step: "impute", columns: ["age"], strategy: "median" },
    "Fill missing cells of “age” with the median of the column.",
    "Remplir les cellules manquantes de « age » par la médiane de la colonne.",
  ],
  [
    { step: "impute", columns: ["age"], strategy: "mode", by: "city" },
    "Fill missing cells of “age” with the most frequent value of the rows that have the same “city”.",
    "Remplir les cellules manquantes de « age » par la valeur la plus fréquente des lignes de même « city ».",
  ],
  [
    { step: "impute", columns: ["age"], strategy: "constant", value: 0.5 },
    "Fill missing cells of “age” with 0.5.",
    "Remplir les cellules manquantes de « age » par 0,5.",
  ],
  [
    { step: "drop_duplicates" },
    "Leave out rows that repeat others; the first of them stays.",
    "Écarter les lignes qui en répètent d’autres ; la première reste.",
  ],
  [
    { step: "drop_duplicates", columns: ["id"], keep: "last" },
    "Leave out rows that repeat others in “id”; the last of them stays.",
    "Écarter les lignes qui en répètent d’autres dans « id » ; la dernière reste.",
  ],
  [
    { step: "change_type", columns: ["code"], type: "categorical" },
    "Read “code” as categories.",
    "Lire « code » comme catégories.",
  ],
  [
    { step: "parse_dates", columns: ["joined"] },
    "Read “joined” as dates like 2024-01-31.",
    "Lire « joined » comme dates de la forme 2024-01-31.",
  ],
  [
    { step: "parse_dates", columns: ["joined"], format: "%d/%m/%Y" },
    "Read “joined” as dates of the form %d/%m/%Y.",
    "Lire « joined » comme dates de la forme %d/%m/%Y.",
  ],
  [
    { step: "trim", columns: ["city"], case: "title" },
    "Take superfluous blanks out of “city” and begin each word with a capital letter.",
    "Retirer les espaces superflus de « city » et commencer chaque mot par une majuscule.",
  ],
  [
    { step: "map_values", columns: ["city"], mapping: { PARIS: "Paris", "?": null }, other: "else" },
    "Replace in “city”: “PARIS” by “Paris” and “?” by a missing cell. All other values become “else”.",
    "Remplacer dans « city » : « PARIS » par « Paris » et « ? » par une cellule manquante. " +
      "Toutes les autres valeurs deviennent « else ».",
  ],
  [
    { step: "map_values", columns: ["ok"], mapping: { y: "yes" }, ignore_case: true, other: null },
    "Replace in “ok”, in upper or lower case: “y” by “yes”. All other values become missing.",
    "Remplacer dans « ok », en majuscules comme en minuscules : « y » par « yes ». " +
      "Toutes les autres valeurs deviennent manquantes.",
  ],
  [
    { step: "mark_missing", columns: ["age"], values: [-200, true] },
    "Count -200 and true in “age” as missing.",
    "Compter -200 et vrai dans « age » comme manquant.",
  ],
  [
    { step: "clip", columns: ["fare"], upper_quantile: 0.99 },
    "Lower numbers of “fare” that are above the 99% quantile to it.",
    "Ramener à leur quantile à 99 % les nombres de « fare » qui sont au-dessus.",
  ],
  [
    { step: "clip", columns: ["fare"], lower: 0, upper: 1234.5 },
    "Limit numbers of “fare” to the range from 0 to 1,234.5.",
    "Borner les nombres de « fare » : minimum 0, maximum 1 234,5.",
  ],
  [
    { step: "clip", columns: ["fare"], lower: -1 },
    "Raise numbers of “fare” that are below -1 to it.",
    "Relever à -1 les nombres de « fare » qui sont en dessous.",
  ],
  [
    { step: "filter_rows", column: "age", operator: "between", values: [18, 65] },
    "Keep rows where “age” is from 18 to 65.",
    "Garder les lignes où « age » va de 18 à 65.",
  ],
  [
    { step: "filter_rows", column: "city", operator: "in", values: ["Paris", "Lyon"] },
    "Keep rows where “city” is “Paris” or “Lyon”.",
    "Garder les lignes où « city » est « Paris » ou « Lyon ».",
  ],
  [
    { step: "filter_rows", column: "city", operator: "present" },
    "Keep rows where “city” is not missing.",
    "Garder les lignes où « city » est renseigné.",
  ],
  [
    { step: "rename", columns: { a: "b", b: "a" } },
    "Rename “a” to “b” and “b” to “a”.",
    "Renommer « a » en « b » et « b » en « a ».",
  ],
];

describe("a step as a sentence", async () => {
  const [en, fr] = await Promise.all([wordsOf("en"), wordsOf("fr")]);

  test.each(CASES)("%j", (step, inEnglish, inFrench) => {
    expect(plain(sentenceOf(step, en))).toBe(inEnglish);
    expect(plain(sentenceOf(step, fr))).toBe(inFrench);
  });

  test("covers all kinds", () => {
    expect(new Set(CASES.map(([{ step }]) => step)).size).toBe(12);
  });

  test("knows every operator, strategy, type and case in both languages", () => {
    const steps: Step[] = [
      ...(["eq", "ne", "lt", "le", "gt", "ge"] as const).map(
        (operator): Step => ({ step: "filter_rows", column: "a", operator, value: 1 }),
      ),
      { step: "filter_rows", column: "a", operator: "not_in", values: [1, 2] },
      { step: "filter_rows", column: "a", operator: "missing" },
      ...(["mean", "median", "mode"] as const).flatMap((strategy): Step[] => [
        { step: "impute", columns: ["a"], strategy },
        { step: "impute", columns: ["a"], strategy, by: "b" },
      ]),
      ...(["numeric", "categorical", "text", "boolean", "date"] as const).map(
        (type): Step => ({ step: "change_type", columns: ["a"], type }),
      ),
      ...(["keep", "lower", "upper", "title"] as const).map(
        (kind): Step => ({ step: "trim", columns: ["a"], case: kind }),
      ),
    ];
    for (const words of [en, fr]) {
      const sentences = steps.map((step) => sentenceOf(step, words));
      expect(sentences.filter((sentence) => sentence.includes("sentence."))).toEqual([]);
      expect(new Set(sentences).size).toBe(steps.length);
    }
  });

  test("names a few of many columns and counts the others", () => {
    const columns = Array.from({ length: 9 }, (_, index) => `c${index}`);
    expect(sentenceOf({ step: "drop_columns", columns }, en)).toBe(
      "Drop “c0”, “c1”, “c2”, “c3”, and 5 more.",
    );
  });

  test("takes names from the file as they are", () => {
    const step: Step = { step: "drop_columns", columns: ["{{count}} $t(steps)", "<b>"] };
    expect(sentenceOf(step, en)).toBe("Drop “{{count}} $t(steps)” and “<b>”.");
  });
});
