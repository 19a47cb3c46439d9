import { type Problem, quote } from "@weft/shared/errors";
import type { MoneyInput } from "./money.type.js";

/** One trillion minor units: sums of thousands of amounts stay exact. */
const maxAmount = 1_000_000_000_000;

const currencies = new Set(Intl.supportedValuesOf("currency"));

/** Returns what is wrong with an amount of money. */
export function moneyProblems(path: string, money: MoneyInput | null | undefined): Problem[] {
  if (!money) return [];
  const problems: Problem[] = [];
  if (money.amount < 0 || money.amount > maxAmount) {
    problems.push({ path: `${path}.amount`, message: `Use an amount between 0 and ${maxAmount} minor units, not ${money.amount}.` });
  }
  if (!currencies.has(money.currency)) {
    problems.push({
      path: `${path}.currency`,
      message: `${quote(money.currency)} is not a valid currency. Use an ISO 4217 code, for example EUR.`,
    });
  }
  return problems;
}

/** Returns an amount in units of its currency, as conditions of definitions compare it: 12.5 for 1250 minor units of EUR, 1250 for those of JPY. */
export function inUnits({ amount, currency }: MoneyInput): number {
  return amount / 10 ** fractionDigits(currency);
}

/** Returns an amount as text: 12.50 EUR for 1250 minor units of EUR. */
export const moneyText = (money: MoneyInput): string => `${inUnits(money).toFixed(fractionDigits(money.currency))} ${money.currency}`;

function fractionDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
