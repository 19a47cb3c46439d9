import type { TextlintRuleModule } from "@textlint/types";

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/**
 * Masks markup with text of the same length, so that offsets stay the same. Inline code counts as one word, a link's address does not count, and
 * `<br>` ends a sentence.
 */
export function maskMarkup(source: string): string {
  const filled = (with_: string) => (text: string) => with_.repeat(text.length);
  return source
    .replace(/`+[^`]+`+/g, filled("X"))
    .replace(/<br>/g, ".   ")
    .replace(/<[^<>]+>/g, filled(" "))
    .replace(/\]\([^()]*(?:\([^()]*\)[^()]*)?\)/g, (text) => `]${" ".repeat(text.length - 1)}`)
    .replace(/\b(?:e\.g|i\.e|etc|vs|cf)\./g, (text) => `${text.slice(0, -1)} `)
    .replace(/\s/g, " ");
}

/** Returns the number of words, without punctuation and Markdown marks between them. */
export const countWords = (text: string): number => text.match(/[^\s*_|]*[\p{L}\p{N}][^\s*_|]*/gu)?.length ?? 0;

const max = 40;

/** A textlint rule: no sentence in a paragraph, list item or table cell has more than 40 words. */
export const longSentence: TextlintRuleModule = ({ Syntax, getSource, report, RuleError, locator }) => {
  const check = (node: Parameters<typeof getSource>[0] & object): void => {
    for (const { segment, index } of sentences.segment(maskMarkup(getSource(node)))) {
      const words = countWords(segment);
      if (words <= max) continue;
      const start = index + segment.length - segment.trimStart().length;
      report(node, new RuleError(`${words} words in a sentence; at most ${max}: split it`, { padding: locator.at(start) }));
    }
  };
  return { [Syntax.Paragraph]: check, [Syntax.TableCell]: check };
};
