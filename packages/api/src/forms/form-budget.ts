import { QueryLimitExceeded } from "@weft/shared/errors";
import type { Computing } from "@weft/platform/computing";
import type { Context } from "../context/context.js";

/** Maximum total size of the forms in one operation: a few hundred typical forms, or thirty of the largest. */
const MAX_CHARS = 2_500_000;

const delivered = new WeakMap<Context, number>();

/**
 * Creates a form within the operation's processor time budget. Because short IDs can produce large forms, the total size per operation is limited.
 * @param computing that of the tenant of a link, for operations without a login
 * @throws QueryLimitExceeded
 */
export const makeForm = <T>(ctx: Context, make: () => T, computing: Computing = ctx.computing): Promise<T> =>
  computing.run(() => counted(ctx, make));

function counted<T>(ctx: Context, make: () => T): T {
  const before = delivered.get(ctx) ?? 0;
  if (before > MAX_CHARS) throw tooMuch(before);
  const made = make();
  const actual = before + JSON.stringify(made).length;
  delivered.set(ctx, actual);
  if (actual > MAX_CHARS) throw tooMuch(actual);
  return made;
}

const tooMuch = (actual: number): QueryLimitExceeded => new QueryLimitExceeded({ limit: "formCharacters", actual, max: MAX_CHARS });
