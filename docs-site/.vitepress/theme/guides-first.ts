/** Weight of a page in searches, by its folder: generated pages contain every word, and would come before the guides that explain it. */
const weights: readonly (readonly [RegExp, number])[] = [
  [/\/(?:tutorials|how-to)\//, 4],
  [/\/explanation\//, 2],
  [/\/reference\/(?:schema|database)\//, 0.25],
];

/** A name such as `vendor_sees_event`. MiniSearch looks for its words, which guides contain too; but the page of the name is what its reader wants. */
const identifier = /^\s*\w+_\w+\s*$/;

/** MiniSearch's own expression. */
const betweenWords = /[\n\r\p{Z}\p{P}]+/u;

let weighted = true;

/**
 * Options of MiniSearch that list guides before generated pages, unless the query is an identifier. IDs of documents are the URLs of their sections.
 * They are set in the browser: VitePress would write a function of the configuration as text, which the content security policy does not let the page
 * run. Only the tokenizer is given the whole query, so it decides for the search that follows at once.
 */
export const guidesFirst = {
  tokenize: (query: string): string[] => {
    weighted = !identifier.test(query);
    return query.split(betweenWords);
  },
  boostDocument: (id: string): number => (weighted ? (weights.find(([folder]) => folder.test(id))?.[1] ?? 1) : 1),
};
