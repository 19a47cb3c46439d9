import { BadUserInput } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { findCurrency } from "./project-cost.store.js";

/** Checks that a budget has the currency of the costs that were recorded. The caller has locked the project. @throws BadUserInput */
export async function assertCurrencyOfCosts(tx: Tx, projectId: string, currency: string): Promise<void> {
  const recorded = await findCurrency(tx, projectId);
  if (recorded === null || recorded === currency) return;
  const message = `The costs of the project are in ${recorded}. Use this currency for the budget, not ${currency}.`;
  throw new BadUserInput([{ path: "input.budget.currency", message }]);
}
