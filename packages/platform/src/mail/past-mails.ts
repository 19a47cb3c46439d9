import type { Chore } from "../cleaning/cleaner.js";
import { sql } from "drizzle-orm";
import { deleteOld } from "../cleaning/delete-old.js";

/** Number of days for which the result of an email is kept. */
const KEPT_DAYS = 30;

/** Cleans up finished emails, whatever their result. */
export const pastMails: Chore = {
  what: "mails",
  deleteSome: (tx, limit) =>
    deleteOld(tx, { name: "Mails", table: "app.mails", where: sql`q.status <> 'PENDING'`, days: KEPT_DAYS, limit }),
};
