import { TextlintKernel, type TextlintKernelOptions } from "@textlint/kernel";
import markdown from "@textlint/textlint-plugin-markdown";
import pattern from "@textlint-rule/textlint-rule-pattern";
import { longSentence } from "./long-sentence.ts";
import { wordRules } from "./words.ts";

export interface Violation {
  readonly line: number;
  readonly message: string;
}

/** A piece of prose in a file that is not Markdown, and its first line. */
export interface Piece {
  readonly text: string;
  readonly line: number;
}

/** CommonJS modules are imported with or without a wrapper, depending on whether Node or vitest loads them. */
const unwrapped = <Module extends object>(module: Module | { default: Module }): Module => ("default" in module ? module.default : module);

const kernel = new TextlintKernel();
const options: TextlintKernelOptions = {
  ext: ".md",
  plugins: [{ pluginId: "markdown", plugin: unwrapped(markdown) }],
  rules: [
    { ruleId: "long-sentence", rule: longSentence },
    {
      ruleId: "words",
      rule: unwrapped(pattern),
      options: {
        patterns: wordRules.map(({ pattern: words, say }) => ({ pattern: String(words).replaceAll(" ", String.raw`\s+`), message: say })),
      },
    },
  ],
};

/** Lists the violations in a Markdown text by line. Code is not checked. */
export async function lintMarkdown(text: string): Promise<Violation[]> {
  const { messages } = await kernel.lintText(text, options);
  const lines = text.split("\n");
  return messages
    .map(({ ruleId, message, loc, range: [from, to] }) => ({
      line: loc.start.line,
      message:
        ruleId === "long-sentence"
          ? `${message}: "${(lines[loc.start.line - 1] ?? "").slice(loc.start.column - 1).slice(0, 50)}…"`
          : `"${text.slice(from, to).replaceAll(/\s+/g, " ")}": ${message}`,
    }))
    .sort((a, b) => a.line - b.line);
}

/** Lists the violations in pieces of a file. They are linted as one text because starting the linter for each of several thousand pieces takes seconds. */
export async function lintPieces(pieces: readonly Piece[]): Promise<Violation[]> {
  const text: string[] = [];
  const origin: number[] = [];
  for (const piece of pieces) {
    for (const [index, line] of piece.text.split("\n").entries()) {
      text.push(line);
      origin.push(piece.line + index);
    }
    text.push("");
    origin.push(piece.line);
  }
  const violations = await lintMarkdown(text.join("\n"));
  return violations.map(({ line, message }) => ({ line: origin[line - 1] ?? 1, message }));
}
