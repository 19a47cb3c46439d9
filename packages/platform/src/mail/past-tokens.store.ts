import { sql } from "drizzle-orm";
import { deleteOld } from "../cleaning/delete-old.js";
import type { Tx } from "../db/database.js";

/**
 * Deletes the oldest used or revoked tokens of the transaction's tenant that were created more than this number of days ago; about `limit` of them.
 * Pending tokens stay, including expired ones, because they show that a user was invited. Returns the number of deleted tokens. Runs as weft_worker.
 */
export const deleteOldTokens = (tx: Tx, old: { readonly days: number; readonly limit: number }): Promise<number> =>
  deleteOld(tx, {
    name: "Tokens",
    table: "identity.one_time_tokens",
    where: sql`(q.used_at is not null or q.revoked_at is not null)`,
    ...old,
  });
