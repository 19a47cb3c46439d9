/** Attempts at items. An attempt is counted before it begins, so a process that dies during one leaves its count behind. */
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

export interface Attempt {
  readonly position: number;
  /** Earlier attempts whose outcome is unknown because the process died. */
  readonly deaths: number;
  /** Earlier attempts that ended because the service was not available. */
  readonly unavailable: number;
}

/** Starts an attempt at the next item that no other process has locked. Returns null if there is none. */
export async function countAttempt(tx: Tx, operationId: string): Promise<Attempt | null> {
  const [row] = await tx.execute<{ position: number; deaths: number; unavailable: number }>(
    named(
      "countItemAttempt",
      sql`with next as (
        select i.tenant_id, i.operation_id, i.position, i.attempts from workflows.bulk_items i
        where i.tenant_id = app.tenant() and i.operation_id = ${operationId}::uuid and i.status = 'PENDING' and exists (
          select from workflows.bulk_operations o where o.tenant_id = i.tenant_id and o.id = i.operation_id and o.status = 'RUNNING')
        order by i.position limit 1 for update skip locked
      )
      update workflows.bulk_items i set attempts = i.attempts + 1 from next
       where i.tenant_id = next.tenant_id and i.operation_id = next.operation_id and i.position = next.position
      returning i.position, next.attempts as deaths, i.unavailable`,
    ),
  );
  return row ? { position: row.position, deaths: row.deaths, unavailable: row.unavailable } : null;
}

/** Records that the attempt ended because the service was not available. */
export async function noteUnavailable(tx: Tx, operationId: string, position: number): Promise<void> {
  await tx.execute(
    named(
      "noteItemUnavailable",
      sql`update workflows.bulk_items set attempts = attempts - 1, unavailable = unavailable + 1
       where tenant_id = app.tenant() and operation_id = ${operationId}::uuid and position = ${position} and status = 'PENDING' and attempts > 0`,
    ),
  );
}

/** Returns whether an item of the operation has an attempt that did not end. */
export async function hasUnfinishedTries(tx: Tx, operationId: string): Promise<boolean> {
  const [row] = await tx.execute<{ found: boolean }>(
    named(
      "hasUnfinishedTries",
      sql`select exists (select from workflows.bulk_items
         where tenant_id = app.tenant() and operation_id = ${operationId}::uuid and status = 'PENDING' and attempts > 0) as found`,
    ),
  );
  return row?.found === true;
}

/**
 * Returns how many of the operation's items were given up.
 * @param attempts minimum number of attempts of such an item
 */
export async function countGivenUp(tx: Tx, operationId: string, attempts: number): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    named(
      "countGivenUp",
      sql`select count(*)::int as count from workflows.bulk_items
       where tenant_id = app.tenant() and operation_id = ${operationId}::uuid and status = 'FAILED' and code = 'INTERNAL' and attempts >= ${attempts}`,
    ),
  );
  return row?.count ?? 0;
}
