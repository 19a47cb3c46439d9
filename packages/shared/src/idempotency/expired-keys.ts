import type { Chore } from "../cleaning/cleaner.js";
import { deleteExpiredKeys } from "./expired-keys.store.js";

/** How long a key answers again; `docs/api.md` promises it. */
const KEPT_HOURS = 48;

/** Idempotency keys that answer no more. */
export const expiredKeys: Chore = {
  what: "idempotency keys",
  deleteSome: (tx, limit) => deleteExpiredKeys(tx, { hours: KEPT_HOURS, limit }),
};
