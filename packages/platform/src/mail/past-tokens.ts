import type { Chore } from "../cleaning/cleaner.js";
import { deleteOldTokens } from "./past-tokens.store.js";

/** Longer than the lifetime of any token, so that nothing is deleted that can still be queried. */
const KEPT_DAYS = 30;

/** Cleans up one-time tokens that are no longer valid. Otherwise, a user that requests an email every ten minutes would fill the table. */
export const pastTokens: Chore = {
  what: "one-time tokens",
  deleteSome: (tx, limit) => deleteOldTokens(tx, { days: KEPT_DAYS, limit }),
};
