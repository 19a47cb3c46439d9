import type { Chore } from "../cleaning/cleaner.js";
import { deleteOldTokens } from "./past-tokens.store.js";

/** Longer than any of them works, so that nothing is deleted that somebody still asks about. */
const KEPT_DAYS = 30;

/** One-time tokens that open nothing any more: whoever asks for a mail each ten minutes would else fill the table for good. */
export const pastTokens: Chore = {
  what: "one-time tokens",
  deleteSome: (tx, limit) => deleteOldTokens(tx, { days: KEPT_DAYS, limit }),
};
