import { createHash } from "node:crypto";
import { QueryLimitExceeded } from "@weft/shared/errors";
import type { Context } from "@weft/api/context";

/** Slightly more than two sources of the maximum size. */
const maxCharacters = 2_500_000;

const read = new WeakMap<Context, { readonly texts: Set<string>; characters: number }>();

/**
 * Counts the different sources that one operation reads. IDs are short but sources are not, so many IDs in one operation would keep a server busy.
 * Repeated sources are not counted.
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
