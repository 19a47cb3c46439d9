/** The inputs of steps of one response. */
import type { Context } from "@weft/api/context";

/** Maximum number of characters of one input, and of all inputs of a response. */
const MAX_CHARS = 20_000;
const MAX_CHARS_OF_RESPONSE = 500_000;

type Call = Pick<Context, "computing">;

const shown = new WeakMap<Call, number>();

/**
 * Computes the input of a step within the operation's computing time. Other operations are served between two inputs.
 * @param make returns the input with at most about so many characters: 20,000, or as many as the other inputs of the response have left
 * @throws QueryLimitExceeded if no computing time is left
 */
export const boundedInput = (ctx: Call, make: (maxChars: number) => unknown): Promise<unknown> =>
  ctx.computing.run(() => {
    const before = shown.get(ctx) ?? 0;
    const input = make(Math.min(MAX_CHARS, MAX_CHARS_OF_RESPONSE - before));
    shown.set(ctx, before + JSON.stringify(input ?? null).length);
    return input;
  });
