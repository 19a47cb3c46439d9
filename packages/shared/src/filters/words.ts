/** Signs and spaces; what is beyond ASCII is taken for letters, as `app.search_terms` does. */
// oxlint-disable-next-line no-control-regex -- control characters part words too
const betweenWords = /[\u0000-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f\s]+/u;

const MAX_WORD_CHARS = 60;

/** The words of a text that is searched for, each once. */
export const wordsOf = (text: string): string[] => [...new Set(text.split(betweenWords))].filter((word) => word !== "");

/** The same without upper case and accents, and cut to 60 characters: as `searchable` texts keep their words, and as they are asked for them. */
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
