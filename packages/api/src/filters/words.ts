/** Punctuation, symbols and whitespace. All other characters outside ASCII count as letters, as in `app.search_terms`. */
// oxlint-disable-next-line no-control-regex -- control characters part words too
const betweenWords = /[\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f\s]+/u;

const MAX_WORD_CHARS = 60;

/** Returns the distinct words of a search text. */
export const wordsOf = (text: string): string[] => [...new Set(text.split(betweenWords))].filter((word) => word !== "");

/** Returns the distinct words without uppercase and accents, truncated to 60 characters. `searchable` texts are stored and searched in this form. */
export const foldedWordsOf = (text: string): string[] => [
  ...new Set(
    wordsOf(
      text
        .normalize("NFKD")
        .replace(/\p{M}+/gu, "")
        .toLowerCase(),
    ).map((word) => Array.from(word).slice(0, MAX_WORD_CHARS).join("")),
  ),
];
