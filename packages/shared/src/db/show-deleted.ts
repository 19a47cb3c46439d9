import { sql } from "drizzle-orm";
import { named } from "./named.js";
import type { Tx } from "./database.js";

/**
 * Shows deleted requests and projects to the rest of the transaction, with their workflows, tasks, and notifications. Policies of these tables hide them from all other
 * transactions. Call it where something is deleted, restored, or listed as deleted, and where the past is counted.
 */
export async function showDeleted(tx: Tx): Promise<void> {
  await tx.execute(named("showDeleted", sql`select set_config('app.shows_deleted', 'on', true)`));
}
