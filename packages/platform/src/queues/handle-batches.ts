import { asTenant } from "../db/as-tenant.js";
import type { Database, Tx } from "../db/database.js";
import type { Claim } from "./queue.js";

interface Batches<Row extends Claim> {
  readonly db: Database;
  readonly tenantId: string;
  /** Claims some rows. */
  readonly claim: (tx: Tx) => Promise<readonly Row[]>;
  /** Does the work of the rows, while no transaction is open. What it does must be safe to do twice. */
  readonly handle: (rows: readonly Row[]) => Promise<void>;
  /** Ends the claims of rows whose work is done. */
  readonly finish: (tx: Tx, rows: readonly Row[]) => Promise<unknown>;
  /** Time after which nothing more is claimed, because other tenants wait for their turns, in milliseconds. */
  readonly turnMs: number;
  /** Aborted when the worker stops. */
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
  claim,
  handle,
  finish,
  turnMs,
  signal,
}: Batches<Row>): Promise<number> {
  const isOverAt = performance.now() + turnMs;
  let handled: readonly Row[] = [];
  for (let count = 0; ; count += handled.length) {
    const isLast = signal.aborted || performance.now() >= isOverAt;
    const claimed = await asTenant(db, { tenantId }, "write", async (tx) => {
      // In this order: a batch that took longer than its lease is due again.
      const [, rows] = await Promise.all([handled.length > 0 && finish(tx, handled), isLast ? [] : claim(tx)]);
      return rows;
    });
    if (claimed.length === 0) return count;
    await handle(claimed);
    handled = claimed;
  }
}
