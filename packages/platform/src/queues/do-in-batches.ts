import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";

/** A turn of a tenant at a source of due work. */
export interface Turn {
  readonly db: Database;
  readonly tenantId: string;
  /** Maximum number of pieces of work. */
  readonly limit: number;
  /** Pieces of work of one batch. */
  readonly batch: number;
  /** Aborted when the turn is over. */
  readonly signal: AbortSignal;
}

/**
 * Does due work of a tenant in batches, each in a transaction, until nothing is due or the turn is over.
 * @param take does at most so many pieces of work. Returns their number
 * @returns the number of pieces that were done
 */
export async function doInBatches(
  { db, tenantId, limit, batch, signal }: Turn,
  take: (tx: Tx, limit: number) => Promise<number>,
): Promise<number> {
  let done = 0;
  while (done < limit && !signal.aborted) {
    const size = Math.min(batch, limit - done);
    const taken = await asTenant(db, { tenantId }, "write", (tx) => take(tx, size));
    if (taken === 0) break;
    done += taken;
  }
  return done;
}
