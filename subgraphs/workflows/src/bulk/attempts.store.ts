/** Tries at items, which are counted before they begin: whoever dies at one leaves its count behind. */
import { named, type Tx } from "@weft/shared";
import { sql } from "drizzle-orm";

export interface Attempt {
  readonly position: number;
  /** Tries before this one of which nobody knows how they ended: they took their process with them. */
  readonly deaths: number;
  /** Tries before this one that have ended because the service was not available. */
  readonly unavailable: number;
}

/** One more try at the next item that nobody else has taken begins; null when there is none. */
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

/** The try has ended, with nothing but this: the service was not available. */
export async function noteUnavailable(tx: Tx, operationId: string, position: number): Promise<void> {
  await tx.execute(
    named(
      "noteItemUnavailable",
      sql`update workflows.bulk_items set attempts = attempts - 1, unavailable = unavailable + 1
       where tenant_id = app.tenant() and operation_id = ${operationId}::uuid and position = ${position} and status = 'PENDING' and attempts > 0`,
    ),
  );
}

/** Whether somebody has begun with an item of the operation and not come to its end. */
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

/** How many of the operation's items were given up. @param attempts that such an item has at least */
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
