/** What the reader of YAML says in the words of its grammar, in words that say what to do. */

const QUOTES = 'needs quotes around it, for instance title: "Check: {{ data.title }}"';

const SENTENCES: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: "Tags (!…) are not allowed.",
  MULTIPLE_DOCS: "The text holds several documents (---); a definition is one.",
  TAB_AS_INDENT: "Lines are indented by blanks, not by tabs.",
  BLOCK_AS_IMPLICIT_KEY: `There is a second ": " in this line, or it is indented further than the lines around it. A text with ": " in it ${QUOTES}.`,
  MULTILINE_IMPLICIT_KEY: "A line without a colon, or one that is not indented like its neighbours: write key: value.",
  BLOCK_IN_FLOW: `Inside { } and [ ] a text with ": ", ", ", brackets or braces in it ${QUOTES}.`,
  UNEXPECTED_TOKEN: `This does not belong here. A bracket or brace too many; or a text with brackets, braces or commas in it, which ${QUOTES}.`,
};

/** The sentence for an error of the parser; null when it gave up because the text is nested too deep. */
export function syntaxSentence(code: string, message: string): string | null {
  if (message.includes("call stack")) return null;
  const [, closing] =
    /^Flow (?:map|sequence|collection) in block collection must be .* end with a (.)$/.exec(message.split("\n", 1)[0] ?? "") ?? [];
  if (closing !== undefined)
    return `A ${closing} is missing before this line: what opens with a bracket or a brace is closed, or goes on further to the right.`;
  if (code === "BAD_INDENT")
    return "This line does not begin in the column of the entries that it stands among: what belongs together is indented alike.";
  const known = SENTENCES[code];
  if (known !== undefined) return known;
  const missing = /^Missing closing (["'])quote$/.exec(message);
  if (missing) return `A text that begins with ${missing[1]} further up is never closed by another ${missing[1]}.`;
  const line = (message.split("\n", 1)[0] ?? "").slice(0, 200);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
