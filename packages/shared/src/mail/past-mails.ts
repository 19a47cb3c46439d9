import type { Chore } from "../cleaning/cleaner.js";
import { deleteOldMails } from "./outgoing.store.js";

/** How long it is known what became of a mail. */
const KEPT_DAYS = 30;

/** Mails that are over, whatever became of them. */
export const pastMails: Chore = {
  what: "mails",
  deleteSome: (tx, limit) => deleteOldMails(tx, { days: KEPT_DAYS, limit }),
};
