import type { Problem } from "../errors/errors.js";

const controlCharacters = /\p{Cc}|\p{Cs}/u;
const lineBreaks = /[\n\r\t]/g;

/** How long a text may be, in characters, and whether it may be empty or have several lines. */
export interface TextBounds {
  /** characters */
  readonly max: number;
  readonly mayBeEmpty?: true;
  readonly hasLines?: true;
}

/** What is wrong with a text, as problems on `path`; nothing when it is left out. */
export function textProblems(path: string, text: string | null | undefined, { max, mayBeEmpty, hasLines }: TextBounds): Problem[] {
  if (text === null || text === undefined) return [];
  if (text.trim() === "" && !mayBeEmpty) return [{ path, message: "It is empty." }];
  if (text.length > max) return [{ path, message: `It has ${text.length} characters; ${max} are allowed.` }];
  return controlCharacters.test(hasLines ? text.replace(lineBreaks, "") : text) ? [{ path, message: "It has control characters." }] : [];
}
