import { createHash } from "node:crypto";
import { QueryLimitExceeded, type Context } from "@weft/shared";

/** Two texts of the largest size, and some more. */
const maxCharacters = 2_500_000;

const read = new WeakMap<Context, { readonly texts: Set<string>; characters: number }>();

/**
 * Counts the different texts that one operation reads: an id is short and what it stands for is not, so that many of them in one operation would keep a
 * server busy. The same text again is at hand.
 * @throws QueryLimitExceeded
 */
export function spendText(ctx: Context, ...texts: readonly string[]): void {
  const known = read.get(ctx) ?? { texts: new Set<string>(), characters: 0 };
  read.set(ctx, known);
  for (const text of texts) {
    const hash = createHash("sha256").update(text).digest("base64url");
    if (known.texts.has(hash)) continue;
    known.texts.add(hash);
    known.characters += text.length;
  }
  if (known.characters > maxCharacters)
    throw new QueryLimitExceeded({ limit: "definitionCharacters", actual: known.characters, max: maxCharacters });
}
