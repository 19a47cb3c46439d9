import type { Chore } from "../cleaning/cleaner.js";
import { deletePastWindows } from "./past-windows.store.js";

/** Longer than a month, the longest window. */
const KEPT_DAYS = 40;

/**
 * Cleans up counters of past hours and months. Deletes all of them at once: an hour has 16 rows, so a tenant that was never cleaned up has about
 * 15,000.
 */
export const pastWindows: Chore = {
  what: "counts of usage",
  deleteSome: (tx) => deletePastWindows(tx, { days: KEPT_DAYS }),
};
