import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/**
 * Returns the actors (UUIDs) of the tenant's entries, at most `limit`. Jumps through the index from actor to actor: `distinct` would read all entries, which
 * takes a second for a million.
 */
export async function findActors(tx: Tx, limit: number): Promise<string[]> {
  const rows = await tx.execute<{ actor_id: string }>(
    named(
      "findActors",
      sql`with recursive actors as (
        (select e.actor_id from audit.entries e where e.tenant_id = app.tenant() order by e.actor_id limit 1)
        union all
        select (select e.actor_id from audit.entries e where e.tenant_id = app.tenant() and e.actor_id > a.actor_id order by e.actor_id limit 1)
          from actors a where a.actor_id is not null
      )
      select actor_id from actors where actor_id is not null limit ${limit}::int`,
    ),
  );
  return rows.map((row) => row.actor_id);
}
