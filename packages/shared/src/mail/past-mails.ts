import type { Chore } from "../cleaning/cleaner.js";
import { deleteOldMails } from "./outgoing.store.js";

/** Number of days for which the result of an email is kept. */
const KEPT_DAYS = 30;

/** Cleans up finished emails, whatever their result. */
export const pastMails: Chore = {
  what: "mails",
  deleteSome: (tx, limit) => deleteOldMails(tx, { days: KEPT_DAYS, limit }),
};
