import type { Problem } from "../errors/errors.js";

const controlCharacters = /\p{Cc}|\p{Cs}/u;
const lineBreaks = /[\n\r\t]/g;
/** Signs that turn the direction of the text after them, so that a name reads as another one. */
const directionChanges = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/** Signs without a shape: formats, separators of lines, and the letters and blanks that Unicode draws as nothing. Joiners are part of words in several scripts. */
const shapeless = /(?![\u200C\u200D])[\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;
const joinerAtTheEdge = /^[\u200C\u200D]|[\u200C\u200D]$/u;

/** Why a text of one line reads as something other than it is, or as nothing: as a sentence; null when it reads as what it is. */
export function invisibleTextProblem(text: string): string | null {
  if (directionChanges.test(text)) return "It has characters that change the direction of text. Remove them.";
  return shapeless.test(text) || joinerAtTheEdge.test(text) ? "It has invisible characters. Remove them." : null;
}

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
  if (controlCharacters.test(hasLines ? text.replace(lineBreaks, "") : text)) return [{ path, message: "It has control characters." }];
  // Prose may need them, where several directions of writing meet.
  const invisible = hasLines ? null : invisibleTextProblem(text);
  return invisible === null ? [] : [{ path, message: invisible }];
}
