import { didYouMean } from "graphql/jsutils/didYouMean.js";
import { suggestionList } from "graphql/jsutils/suggestionList.js";

/** Longer words are no slip of the pen, and comparing costs time that grows with the square of the length. */
const longest = 64;

/** ` Did you mean "admin"?`, to be put after a sentence about an unknown word; empty when nothing known is like it. */
export function suggestionFor(word: string, known: Iterable<string>): string {
  return word.length > longest ? "" : didYouMean(suggestionList(word, [...known]));
}
