import { announceClocks, findNextAnnouncement } from "@weft/engine";
import { asTenant, type DueTenants, named, type Tx } from "@weft/platform/db";
import { metaOfWork, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { sql } from "drizzle-orm";
import type { DueSource } from "../due-work/due-source.js";

type Parts = Pick<Services, "databases" | "pubsub" | "keyring" | "log">;

/** Warnings and breaches of SLA clocks, as a source of due work. */
export function dueSla({ databases, pubsub, keyring, log }: Parts): DueSource {
  return {
    name: "sla",
    find: findTenantsWithDueClocks,
    next: findNextAnnouncement,
    run: async (tenantId, limit, signal) => {
      if (signal.aborted) return 0;
      const meta = metaOfWork("sla", tenantId, keyring);
      const done = await asTenant(databases.app, { tenantId }, "write", (tx) => announceClocks(tx, meta, limit));
      if (done > 0) wakeRelay(pubsub, log);
      return done;
    },
  };
}

/** Active tenants with due clocks, longest waiting first. Sandbox tenants have their own time, so each of them is looked up. */
async function findTenantsWithDueClocks(tx: Tx, limit: number): Promise<DueTenants> {
  const [row] = await tx.execute<{ tenants: string[] | null; next: string | null }>(
    named(
      "findTenantsWithDueSlaClocks",
      sql`with sandboxes as materialized (
        select tenant_id, clock_offset_ms * interval '1 millisecond' as ahead from identity.tenants where status = 'ACTIVE' and clock_offset_ms <> 0
      ), due as (
        select t.tenant_id, d.since
          from (select tenant_id, min(next_at) as since from workflows.sla_clocks where next_at <= now() group by tenant_id) d
          join identity.tenants t on t.tenant_id = d.tenant_id and t.status = 'ACTIVE' and t.clock_offset_ms = 0
        union all
        select s.tenant_id, d.since - s.ahead from sandboxes s cross join lateral (
          select min(next_at) as since from workflows.sla_clocks c where c.tenant_id = s.tenant_id and c.next_at is not null) d
         where d.since <= now() + s.ahead
      ), later as (
        (select next_at from workflows.sla_clocks where next_at > now() order by next_at limit 1)
        union all
        select d.next_at - s.ahead from sandboxes s cross join lateral (
          select min(next_at) as next_at from workflows.sla_clocks c where c.tenant_id = s.tenant_id and c.next_at > now() + s.ahead) d
      )
      select (select array_agg(d.tenant_id order by d.since) from (select tenant_id, since from due order by since limit ${limit}::int) d) as tenants,
             (select min(next_at) from later) as next`,
    ),
  );
  return { tenants: row?.tenants ?? [], next: row?.next ?? null };
}
