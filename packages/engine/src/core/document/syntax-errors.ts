/** Translates error messages of the YAML parser, which use terms of its grammar, into messages that say what to do. */

const QUOTES = 'must be quoted, for example title: "Check: {{ data.title }}"';

const SENTENCES: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: "Tags (!…) are not allowed.",
  MULTIPLE_DOCS: "The text contains several documents (---). A definition must be a single document.",
  TAB_AS_INDENT: "Indent lines with spaces, not with tabs.",
  BLOCK_AS_IMPLICIT_KEY: `This line has a second ": " or is indented further than the lines around it. Text that contains ": " ${QUOTES}.`,
  MULTILINE_IMPLICIT_KEY: "This line has no colon or is not indented like the lines around it. Write key: value.",
  BLOCK_IN_FLOW: `Inside { } and [ ], text that contains ": ", ", ", brackets or braces ${QUOTES}.`,
  UNEXPECTED_TOKEN: `This is unexpected here. Check for an extra bracket or brace. Text that contains brackets, braces or commas ${QUOTES}.`,
};

/** Returns the message for a parser error; null if the parser gave up because the text is nested too deeply. */
export function syntaxSentence(code: string, message: string): string | null {
  if (message.includes("call stack")) return null;
  const [, closing] =
    /^Flow (?:map|sequence|collection) in block collection must be .* end with a (.)$/.exec(message.split("\n", 1)[0] ?? "") ?? [];
  if (closing !== undefined)
    return `A ${closing} is missing before this line. Close the bracket or brace, or indent the lines that continue it.`;
  if (code === "BAD_INDENT")
    return "This line does not begin in the same column as the entries around it. Indent all entries of a block equally.";
  const known = SENTENCES[code];
  if (known !== undefined) return known;
  const missing = /^Missing closing (["'])quote$/.exec(message);
  if (missing) return `A string that begins with ${missing[1]} above is not closed by another ${missing[1]}.`;
  const line = (message.split("\n", 1)[0] ?? "").slice(0, 200);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
