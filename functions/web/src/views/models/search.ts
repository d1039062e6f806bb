import type { Schemas } from "@/api/client";

/** The models whose name or target has all words of a search, in any order and case. */
export function matching(models: Schemas["ModelSummary"][], search: string): Schemas["ModelSummary"][] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    const text = `${model.name} ${model.target}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
