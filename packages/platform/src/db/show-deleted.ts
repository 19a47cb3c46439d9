import { sql } from "drizzle-orm";
import type { Tx } from "./database.js";
import { exclusively } from "./exclusive.js";
import { named } from "./named.js";

/**
 * Shows deleted requests and projects to the rest of the transaction, with their workflows, tasks, and notifications. Policies of these tables hide them from all other
 * transactions. Call it where something is deleted, restored, or listed as deleted, and where the past is counted.
 */
export async function showDeleted(tx: Tx): Promise<void> {
  await tx.execute(named("showDeleted", sql`select set_config('app.shows_deleted', 'on', true)`));
}

/** Runs a read that also finds what is deleted. The other fields of the request, which share the transaction, do not find it. */
export const withDeleted = <T>(tx: Tx, run: () => Promise<T>): Promise<T> =>
  exclusively(tx, async () => {
    await showDeleted(tx);
    // A statement that fails ends the transaction, and the setting with it.
    const result = await run();
    await tx.execute(named("hideDeleted", sql`select set_config('app.shows_deleted', '', true)`));
    return result;
  });
