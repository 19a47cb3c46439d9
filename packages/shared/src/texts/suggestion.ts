import { didYouMean } from "graphql/jsutils/didYouMean.js";
import { suggestionList } from "graphql/jsutils/suggestionList.js";

/** Longer words are unlikely to be typos, and the cost of comparing grows with the square of the length. */
const longest = 64;

/** Returns ` Did you mean "admin"?`, to append to a sentence about an unknown word. Empty if no known word is similar. */
export function suggestionFor(word: string, known: Iterable<string>): string {
  return word.length > longest ? "" : didYouMean(suggestionList(word, [...known]));
}
