import { sql } from "drizzle-orm";
import { named } from "../db/named.js";
import type { Tx } from "../db/database.js";

/** The committed events of a tenant in one snapshot: those with a position up to `head`, and those that the relay has not numbered yet. */
export interface CommittedEvents {
  /** The last position that the relay has assigned. */
  readonly head: number;
  /** UUIDs of the events without a position, oldest first; at most `maxUnnumbered` of them. */
  readonly unnumbered: readonly string[];
}

/**
 * Finds the tenant's committed events. The relay takes an event out of the outbox and gives it its position in one transaction, so each event is either up to
 * the head or among those without a position.
 */
export async function findCommittedEvents(tx: Tx, maxUnnumbered: number): Promise<CommittedEvents> {
  const [row] = await tx.execute<{ head: string | null; unnumbered: readonly string[] }>(
    named(
      "findCommittedEvents",
      sql`select (select position from events.position_heads where tenant_id = app.tenant())::text as head,
        array(select event_id::text from events.outbox where tenant_id = app.tenant() order by seq limit ${sql.raw(String(maxUnnumbered))}) as unnumbered`,
    ),
  );
  return { head: Number(row?.head ?? 0), unnumbered: row?.unnumbered ?? [] };
}
