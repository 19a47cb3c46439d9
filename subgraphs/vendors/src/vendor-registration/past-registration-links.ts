import type { Chore } from "@weft/platform/cleaning";
import { deleteOldRegistrationLinks } from "./past-registration-links.store.js";

/** For this long, users see what became of a link. Vendors keep how they registered, and the audit trail keeps the rest. */
const KEPT_DAYS = 90;

/** Deletes registration links that were revoked, used up, or expired. Otherwise, the addresses of invited companies would be kept forever. */
export const pastRegistrationLinks: Chore = {
  what: "vendor registration links",
  deleteSome: (tx, limit) => deleteOldRegistrationLinks(tx, { days: KEPT_DAYS, limit }),
};
