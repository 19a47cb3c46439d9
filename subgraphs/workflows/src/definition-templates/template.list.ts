import { BadUserInput } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";
import { foldedWordsOf } from "@weft/api/filters";
import { type ConnectionArgs, orderedPage, type Page } from "@weft/api/pages";
import { loadLibrary, type LibraryTemplate } from "./library.js";
import type { DefinitionTemplateFilter } from "./template.input.js";
import { toTemplate, type DefinitionTemplate } from "./template.type.js";

/** As in searches of lists with rows. */
const maxWords = 8;

/** Returns a page of the library, in its own order. */
export async function listTemplates(
  ctx: Context,
  filter: DefinitionTemplateFilter | null | undefined,
  args: ConnectionArgs,
): Promise<Page<DefinitionTemplate>> {
  const matches = matcherOf(filter ?? {});
  const found = new Map((await loadLibrary()).filter(matches).map((template) => [template.key, template]));
  return orderedPage(ctx, {
    args,
    list: "definitionTemplates",
    ids: [...found.keys()],
    load: (key) => {
      const template = found.get(key);
      return Promise.resolve(template ? toTemplate(template) : null);
    },
  });
}

/** @throws BadUserInput */
function matcherOf({ category, search }: DefinitionTemplateFilter): (template: LibraryTemplate) => boolean {
  const given = Object.entries({
    "category.eq": category?.eq,
    "category.ne": category?.ne,
    "category.in": category?.in,
    "search.contains": search?.contains,
  });
  const nulls = given.filter(([, operand]) => operand === null);
  if (nulls.length > 0)
    throw new BadUserInput(nulls.map(([path]) => ({ path: `filter.${path}`, message: "null is not comparable. Omit the condition." })));
  const searched = search?.contains ?? "";
  const words = foldedWordsOf(searched);
  if (words.length > maxWords)
    throw new BadUserInput([{ path: "filter.search.contains", message: `At most ${maxWords} words, not ${words.length}.` }]);
  // As in lists with rows: a blank text matches everything, and one that contains only punctuation matches nothing.
  if (words.length === 0 && searched.trim() !== "") return () => false;
  return (template) => {
    if (typeof category?.eq === "string" && template.category !== category.eq) return false;
    if (typeof category?.ne === "string" && template.category === category.ne) return false;
    if (category?.in && !category.in.includes(template.category)) return false;
    const text = foldedWordsOf(`${template.key} ${template.name} ${template.description}`);
    return words.every((word) => text.some((inText) => inText.includes(word)));
  };
}
