import { expect, test } from "vitest";
import { inUnits, moneyProblems } from "./money-problems.js";

test.each([
  [{ amount: 1250, currency: "EUR" }, 12.5],
  [{ amount: 1250, currency: "JPY" }, 1250],
  [{ amount: 1250, currency: "KWD" }, 1.25],
])("%j is %d in units of its currency", (money, units) => {
  expect(moneyProblems("input.budget", money)).toEqual([]);
  expect(inUnits(money)).toBe(units);
});

test("reports a negative or too large amount, and an unknown currency", () => {
  expect(moneyProblems("input.budget", { amount: -1, currency: "eur" }).map(({ path }) => path)).toEqual([
    "input.budget.amount",
    "input.budget.currency",
  ]);
  expect(moneyProblems("input.budget", { amount: 10 ** 13, currency: "EUR" })).toMatchObject([{ path: "input.budget.amount" }]);
});
