import type { Tx } from "@weft/platform/db";
import { deleteOldTexts } from "./text-message.store.js";

/** Limits count the messages of one day. */
const KEPT_DAYS = 2;

/** Cleans up the records of text messages. */
export const pastTextMessages = {
  what: "text messages",
  deleteSome: (tx: Tx, limit: number): Promise<number> => deleteOldTexts(tx, { days: KEPT_DAYS, limit }),
};
