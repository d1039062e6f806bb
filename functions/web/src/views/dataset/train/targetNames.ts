// Words that the columns to be predicted are called by, in English and French, without accents.
const PLAIN = "target label class outcome response dependent cible classe etiquette resultat reponse";
const TYPICAL =
  "price prix survived survie survivant churn attrition resilie resiliation diagnosis diagnostic species espece " +
  "default defaut fraud fraude salary salaire income revenu revenue sales ventes vente loyer rent quality qualite " +
  "spam sentiment approved accepte converted conversion exited death deces died risk risque demand demande sold " +
  "consumption consommation yield rendement malignant benign disease maladie rating strength purchased achat subscribed value valeur";
const FAINT =
  "amount montant cost cout score grade note count cnt total status statut type category categorie " +
  "loss perte delay retard time duree result group groupe level niveau";
// Words of columns that name a row rather than say something about it.
const NAMING = "id ids uuid guid index idx key identifier identifiant cle rownum serial matricule";

const POINTS: readonly (readonly [string, number])[] = [
  [PLAIN, 5],
  [TYPICAL, 4],
  [FAINT, 1],
];
const WORDS = new Map(POINTS.flatMap(([words, points]) => words.split(" ").map((word) => [word, points])));
const NAMES = new Set(NAMING.split(" "));
const AMONG_OTHERS = 0.75;

/** Words of a column's name: `SalePrice`, `sale_price` and `Prix de vente` are several. */
export function wordsOf(name: string): string[] {
  return name
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** How much a column's name speaks for it as the target; less than 0 if it names rows. */
export function weightOfName(name: string): number {
  const words = wordsOf(name);
  if (words.length === 1 && words[0] === "y") {
    return 5;
  }
  if (NAMES.has(words.at(-1) ?? "") || NAMES.has(words[0] ?? "")) {
    return -1;
  }
  const best = Math.max(0, ...words.map((word) => WORDS.get(word) ?? 0));
  return words.length === 1 ? best : best * AMONG_OTHERS;
}
