import type { Problem } from "../errors/errors.js";

const controlCharacters = /\p{Cc}|\p{Cs}/u;
const lineBreaks = /[\n\r\t]/g;
/** Characters that change the direction of the text after them, so that one name can look like another. */
const directionChanges = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
/**
 * Invisible characters: format characters, line separators, and letters and blanks that Unicode renders as nothing. Joiners are excluded, because
 * words in several scripts contain them.
 */
const shapeless = /(?![\u200C\u200D])[\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;
const joinerAtTheEdge = /^[\u200C\u200D]|[\u200C\u200D]$/u;

/** Blanks, control and format characters, and all that Unicode renders as nothing. */
const visible = /[^\s\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Whether a text has characters of which none is visible. A blank text, which people see as empty, is not meant. */
export const isUnreadable = (text: string): boolean => text.trim() !== "" && !visible.test(text);

/** Returns why a single-line text can look different from what it is, or invisible, as a sentence. Null if it has no such characters. */
export function invisibleTextProblem(text: string): string | null {
  if (directionChanges.test(text)) return "It contains characters that change the direction of text. Remove them.";
  return shapeless.test(text) || joinerAtTheEdge.test(text) ? "It contains invisible characters. Remove them." : null;
}

/** Maximum length of a text, in characters, and whether it can be empty or have several lines. */
export interface TextBounds {
  /** characters */
  readonly max: number;
  readonly mayBeEmpty?: true;
  readonly hasLines?: true;
}

/** Returns the problems of a text, with the given `path`. None if the text is omitted. */
export function textProblems(path: string, text: string | null | undefined, { max, mayBeEmpty, hasLines }: TextBounds): Problem[] {
  if (text === null || text === undefined) return [];
  if (text.trim() === "" && !mayBeEmpty) return [{ path, message: "It is empty." }];
  if (isUnreadable(text) && hasLines) return [{ path, message: "It has only invisible characters. Enter some text." }];
  if (text.length > max) return [{ path, message: `It has ${text.length} characters; at most ${max} are allowed.` }];
  if (controlCharacters.test(hasLines ? text.replace(lineBreaks, "") : text)) return [{ path, message: "It contains control characters." }];
  // Multiline text can need these characters if it mixes writing directions.
  const invisible = hasLines ? null : invisibleTextProblem(text);
  return invisible === null ? [] : [{ path, message: invisible }];
}
