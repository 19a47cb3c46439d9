import { MAX_SOURCE_CHARS } from "../model/condition.js";

const WORDS: Readonly<Record<string, string>> = { and: "&&", or: "||", True: "true", False: "false", None: "null" };
const TOKENS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.-])(?:and|or|True|False|None)(?![\w-])/g;

/** Returns a condition with the words of Python in the language of Weft. `not` binds differently there, so it is left for the author to change. */
export function conditionText(text: string): string {
  // A longer one is refused anyway.
  if (text.length > MAX_SOURCE_CHARS) return text;
  return text.replaceAll(TOKENS, (token) => WORDS[token] ?? token);
}

/** The condition between braces, which authors know from other formats. */
export const withoutBraces = (text: string): string => /^\s*\{\{(.*)\}\}\s*$/s.exec(text)?.[1]?.trim() ?? text.trim();
