import type { Price } from "./agent-definition.js";

const perMillion = (inputDollars: number, outputDollars: number): Price => ({
  inputMicros: Math.round(inputDollars * 1_000_000),
  outputMicros: Math.round(outputDollars * 1_000_000),
});

/**
 * List prices of well-known models by the beginnings of their names, as of `LISTED_AT`: a default, which the guide "agents" repeats with its date. Prices
 * change, so a provider's own prices come first.
 */
const LISTED: readonly (readonly [string, Price])[] = [
  ["gpt-4.1-mini", perMillion(0.4, 1.6)],
  ["gpt-4.1-nano", perMillion(0.1, 0.4)],
  ["gpt-4.1", perMillion(2, 8)],
  ["gpt-4o-mini", perMillion(0.15, 0.6)],
  ["gpt-4o", perMillion(2.5, 10)],
  ["claude-opus-4-1", perMillion(15, 75)],
  ["claude-sonnet-4", perMillion(3, 15)],
  ["claude-haiku-4-5", perMillion(1, 5)],
  ["claude-3-5-haiku", perMillion(0.8, 4)],
];

/** When somebody has last compared the list with the prices of the providers. */
const LISTED_AT = "2025-10-01T00:00:00.000Z";

/** A price and where it comes from. `listedAt`: the date of the list. Null: the provider says it. */
export interface KnownPrice extends Price {
  readonly listedAt: string | null;
}

/** Returns the price of a model: that of its provider, or else the list price. Null if neither is known. */
export const priceOf = (model: string, own: Readonly<Record<string, unknown>>): Price | null =>
  Object.hasOwn(own, model) ? (own[model] as Price) : listedPriceOf(model);

/** Returns the same, and where it comes from. */
export function knownPriceOf(model: string, own: Readonly<Record<string, unknown>>): KnownPrice | null {
  const price = priceOf(model, own);
  return price && { ...price, listedAt: Object.hasOwn(own, model) ? null : LISTED_AT };
}

function listedPriceOf(model: string): Price | null {
  // "gpt-4.1-2025-04-14" is a version of "gpt-4.1"; "gpt-4.1x" is another model.
  return LISTED.find(([name]) => model === name || (model.startsWith(`${name}-`) && /^\d/.test(model.slice(name.length + 1))))?.[1] ?? null;
}

/** Returns the cost in millionths of a US dollar, rounded up. Null if the price is unknown. */
export const costOf = (
  price: Price | null,
  { tokensIn, tokensOut }: { readonly tokensIn: number; readonly tokensOut: number },
): number | null => (price === null ? null : Math.ceil((tokensIn * price.inputMicros + tokensOut * price.outputMicros) / 1_000_000));
