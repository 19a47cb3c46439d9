import type { Chore } from "@weft/platform/cleaning";
import { deleteOldCalls } from "./call.store.js";

/** Days for which calls are kept after their end. */
const KEPT_DAYS = 90;

/** Deletes calls of integrations 90 days after their end. */
export const pastCalls: Chore = {
  what: "calls of integrations",
  deleteSome: (tx, limit) => deleteOldCalls(tx, { days: KEPT_DAYS, limit }),
};
