import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import type { Claim, Queue } from "./queue.js";

interface Batches<Row extends Claim> {
  readonly db: Database;
  readonly tenantId: string;
  readonly queue: Queue;
  /** Claims some rows. */
  readonly claim: (tx: Tx) => Promise<readonly Row[]>;
  /** Does the work of the rows, while no transaction is open. What it does must be safe to do twice. */
  readonly handle: (rows: readonly Row[]) => Promise<void>;
  /** Ends the claims of rows whose work is done. Default: removes the rows. */
  readonly finish?: (tx: Tx, rows: readonly Row[]) => Promise<unknown>;
  /** Aborted when nothing more is to be claimed: the turn of the tenant is over. */
  readonly signal: AbortSignal;
}

/**
 * Handles due rows of a tenant in batches. The transaction that records a batch as done claims the next one, so a batch costs one transaction. If the process
 * dies in between, the claims of the last batch end by themselves, and its work is done again.
 * @returns the number of rows that were handled
 */
export async function handleBatches<Row extends Claim>({
  db,
  tenantId,
  queue,
  claim,
  handle,
  finish = (tx, rows) => queue.remove(tx, rows),
  signal,
}: Batches<Row>): Promise<number> {
  let handled: readonly Row[] = [];
  for (let count = 0; ; count += handled.length) {
    const isLast = signal.aborted;
    const claimed = await asTenant(db, { tenantId }, "write", async (tx) => {
      const [rows] = await Promise.all([isLast ? [] : claim(tx), handled.length > 0 && finish(tx, handled)]);
      return rows;
    });
    if (claimed.length === 0) return count;
    await handle(claimed);
    handled = claimed;
  }
}
