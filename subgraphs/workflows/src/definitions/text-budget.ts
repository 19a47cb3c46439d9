import { QueryLimitExceeded, type Context } from "@weft/shared";

/** Two texts of the largest size, and some more. */
const maxCharacters = 2_500_000;

const read = new WeakMap<Context, number>();

/**
 * Counts the text that one operation has read anew: an id is short and what it stands for is not, so that many of them in one operation would keep a
 * server busy.
 * @throws QueryLimitExceeded
 */
export function spendText(ctx: Context, ...texts: readonly string[]): void {
  const actual = texts.reduce((sum, text) => sum + text.length, read.get(ctx) ?? 0);
  read.set(ctx, actual);
  if (actual > maxCharacters) throw new QueryLimitExceeded({ limit: "definitionCharacters", actual, max: maxCharacters });
}
