/** What vendors charge for a piece of work, and how that compares. Pure. */
import { moneyText } from "../money/money-problems.js";

/** A rate of a vendor that is valid on the day of the work. */
export interface RateInForce {
  /** Null: every category without a rate of its own. */
  readonly category: string | null;
  readonly unit: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
}

type Price = Omit<RateInForce, "category">;

/** Median price per unit and currency. */
export type Medians = ReadonlyMap<string, number>;

interface Priced {
  readonly rates: readonly RateInForce[];
  readonly categories: readonly string[];
}

const units: Readonly<Record<string, string>> = { HOUR: "an hour", VISIT: "a visit", FIXED: "for the whole work" };

/**
 * Returns the prices of a vendor for work of these categories (in lower case), at most one per unit and currency: the mean over the categories that
 * the vendor has. For a category without a rate of its own, the rates without a category count.
 */
export function pricesOf({ rates, categories }: Priced, needed: readonly string[]): Price[] {
  const ownTo = (category: string): RateInForce[] => rates.filter((rate) => rate.category?.toLowerCase() === category);
  const others = rates.filter(({ category }) => category === null);
  const has = new Set(categories.map((category) => category.toLowerCase()));
  const relevant = needed.filter((category) => has.has(category) || ownTo(category).length > 0);
  const found =
    relevant.length === 0
      ? others
      : relevant.flatMap((category) => {
          const own = ownTo(category);
          return own.length > 0 ? own : others;
        });
  return [...Map.groupBy(found, kindOf).values()].flatMap((same) => {
    const [first] = same;
    return first ? [{ unit: first.unit, currency: first.currency, amount: mean(same.map(({ amount }) => amount)) }] : [];
  });
}

/** Returns the medians of the prices of these vendors. */
export function mediansOf(vendors: readonly Priced[], needed: readonly string[]): Medians {
  const prices = vendors.flatMap((vendor) => pricesOf(vendor, needed));
  return new Map([...Map.groupBy(prices, kindOf)].map(([kind, same]) => [kind, median(same.map(({ amount }) => amount))]));
}

/** Returns 50 points for the median, 100 for free work, and 0 for twice the median or more. */
export function ratePrice(
  vendor: Priced,
  needed: readonly string[],
  medians: Medians,
): { readonly points: number; readonly message: string } {
  const prices = pricesOf(vendor, needed).map((price) => ({ ...price, median: medians.get(kindOf(price)) ?? price.amount }));
  if (prices.length === 0) return { points: 0, message: "Has no rate for this work." };
  const sentences = prices.map(({ amount, currency, unit, median: middle }) => {
    const text = (minor: number): string => moneyText({ amount: Math.round(minor), currency });
    return `Charges ${text(amount)} ${units[unit] ?? unit}; the median of the candidates is ${text(middle)}.`;
  });
  return { points: mean(prices.map((price) => pointsFor(price.amount, price.median))), message: sentences.join(" ") };
}

const pointsFor = (amount: number, middle: number): number => {
  if (amount === middle) return 50;
  return middle === 0 ? 0 : Math.max(0, 100 - (50 * amount) / middle);
};

const kindOf = ({ unit, currency }: Price): string => `${unit} ${currency}`;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return mean(sorted.slice(sorted.length % 2 === 0 ? half - 1 : half, half + 1));
}
