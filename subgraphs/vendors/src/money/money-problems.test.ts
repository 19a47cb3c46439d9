import { expect, test } from "vitest";
import { inUnits, moneyProblems, moneyText } from "./money-problems.js";

test.each([
  [{ amount: 1250, currency: "EUR" }, 12.5, "12.50 EUR"],
  [{ amount: 1250, currency: "JPY" }, 1250, "1250 JPY"],
  [{ amount: 1250, currency: "KWD" }, 1.25, "1.250 KWD"],
])("%j is %d in units of its currency, and %s as text", (money, units, text) => {
  expect(moneyProblems("input.budget", money)).toEqual([]);
  expect(inUnits(money)).toBe(units);
  expect(moneyText(money)).toBe(text);
});

test("reports a negative or too large amount, and an unknown currency", () => {
  expect(moneyProblems("input.budget", { amount: -1, currency: "eur" }).map(({ path }) => path)).toEqual([
    "input.budget.amount",
    "input.budget.currency",
  ]);
  expect(moneyProblems("input.budget", { amount: 10 ** 13, currency: "EUR" })).toMatchObject([{ path: "input.budget.amount" }]);
});
