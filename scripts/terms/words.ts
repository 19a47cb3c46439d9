import { retiredTerms, type RetiredTerm } from "./retired.ts";

/**
 * Returns the words of a name, in lowercase. `standInId`, `STAND_IN_ID` and `stand-in-id.ts` have the same three words; the last one also has a
 * suffix.
 */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

const byFirstWord = Map.groupBy(
  retiredTerms.map((term) => ({ ...term, words: term.term.split(" ") })),
  ({ words: [first = ""] }) => first,
);

/** Returns the retired terms that a name in the file contains. */
export function retiredTermsIn(name: string, file: string): readonly RetiredTerm[] {
  const words = wordsOf(name);
  return words.flatMap((word, at) =>
    (byFirstWord.get(word) ?? []).filter(
      ({ words: wanted, except, exceptIn }) =>
        wanted.every((one, index) => words[at + index] === one) && !except?.test(name) && !exceptIn?.test(file),
    ),
  );
}
