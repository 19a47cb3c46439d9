import type { Chore } from "../cleaning/cleaner.js";
import { deletePastWindows } from "./past-windows.store.js";

/** Longer than a month, the longest window. */
const KEPT_DAYS = 40;

/** Counts of hours and months that are over. All at once: an hour is 16 rows, so a tenant that was never cleaned has some 15,000. */
export const pastWindows: Chore = {
  what: "counts of usage",
  deleteSome: (tx) => deletePastWindows(tx, { days: KEPT_DAYS }),
};
