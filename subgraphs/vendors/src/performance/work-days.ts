import type { Chore } from "@weft/platform/cleaning";
import { foldDays } from "./work-days.store.js";

/** Each change of a vendor's work adds rows to the sums of its days. They are replaced by one row per day, so that figures stay fast to read. */
export const foldedWorkDays: Chore = { what: "differences of vendors' days", deleteSome: foldDays };
