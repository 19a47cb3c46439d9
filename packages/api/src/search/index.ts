export { partsField } from "./part-filter.js";
export { containsWords, indexText, type SearchableText, type SearchContext, searchLanguages } from "./search.js";
