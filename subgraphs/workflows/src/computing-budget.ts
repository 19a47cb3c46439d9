import { QueryLimitExceeded, type Context } from "@weft/shared";

/** What all fields of one operation that try something out may compute together: many fields, or one under many names. Each has a bound of its own beside it. */
const MAX_COMPUTING_MS = 5_000;

const spent = new WeakMap<Context, number>();

/** Counts what has been computed. */
export function spendComputing(ctx: Context, ms: number): void {
  spent.set(ctx, (spent.get(ctx) ?? 0) + ms);
}

/** Whether there is something left to compute with. */
export const canCompute = (ctx: Context): boolean => (spent.get(ctx) ?? 0) <= MAX_COMPUTING_MS;

/** @throws QueryLimitExceeded when nothing is left */
export function assertCanCompute(ctx: Context): void {
  const actual = Math.round(spent.get(ctx) ?? 0);
  if (!canCompute(ctx)) throw new QueryLimitExceeded({ limit: "computingMs", actual, max: MAX_COMPUTING_MS });
}

/** For what computes in turns: counts each, and throws QueryLimitExceeded once nothing is left. */
export const spendOf =
  (ctx: Context) =>
  (ms: number): void => {
    spendComputing(ctx, ms);
    assertCanCompute(ctx);
  };
