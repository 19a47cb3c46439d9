import { type SQL, sql } from "drizzle-orm";

/** Longer chains of causes are not followed. */
const MAX_CHAIN = 100;

/** Begins a statement with `chain (id, length)`: the event, what caused it, and so on. */
export const causeChain = (eventId: string): SQL => sql`with recursive chain as (
        select ${eventId}::uuid as id, 1 as length
        union all
        select l.cause_id, c.length + 1 from chain c
        cross join lateral (select e.cause_id from events.log e where e.tenant_id = app.tenant() and e.id = c.id limit 1) l
        where l.cause_id is not null and c.length < ${MAX_CHAIN}::int
      )`;
