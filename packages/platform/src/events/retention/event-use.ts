import { sql, type SQL } from "drizzle-orm";

/** What else reads old events. Each part of Weft that does says so, because the log does not know its readers. */
export interface EventUse {
  /** Selects the events of the transaction's tenant that are still needed: a condition on `l`, a row of `events.log`. Runs as weft_worker. */
  readonly needs?: SQL;
  /** Position up to which the tenant's events were read, as a scalar subquery. Later ones stay. Null if nothing is being read. */
  readonly hasReadUpTo?: SQL;
}

/** Parked events can be handled later, also those that were skipped. */
export const parkedEvents: EventUse = {
  needs: sql`exists (select from events.parked k where k.tenant_id = app.tenant() and k.event_id = l.id and k.status <> 'DONE')`,
};
