import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { JsonObject } from "../../core/model/json.js";

/** An instance as it was at a time. */
export interface PastInstance {
  readonly state: string;
  readonly status: string;
  readonly data: JsonObject;
  readonly version: number;
  readonly assigneeUserId: string | null;
  readonly assigneeTeamId: string | null;
  readonly assigneeVendorId: string | null;
  /** ISO 8601, in UTC: the time of the version. */
  readonly updatedAt: string;
}

/**
 * Returns an instance as it was at a time (ISO 8601), by replaying its history. Null if it had not started, or does not exist. The times of a history
 * never fall, so the versions up to the time are the first ones.
 */
export async function instanceAsOf(tx: Tx, instanceId: string, at: string): Promise<PastInstance | null> {
  const [row] = await tx.execute<PastInstance & Record<string, unknown>>(
    named(
      "instanceAsOf",
      sql`select h.to_state as state, h.version, h.at as "updatedAt", d.data,
          case a.assignee->>'type' when 'USER' then a.assignee->>'id' end as "assigneeUserId",
          case a.assignee->>'type' when 'TEAM' then a.assignee->>'id' end as "assigneeTeamId",
          case a.assignee->>'type' when 'VENDOR' then a.assignee->>'id' end as "assigneeVendorId",
          case when i.version = h.version or i.finished_at <= h.at then i.status
               when s.kind = 'SUSPENSION' then 'SUSPENDED' when s.kind = 'INCIDENT' then 'FAILED' else 'RUNNING' end as status
        from workflows.instances i
        cross join lateral (
          select h.* from workflows.history h
           where h.tenant_id = i.tenant_id and h.instance_id = i.id and h.at <= ${at}::timestamptz order by h.version desc limit 1) h
        cross join lateral (
          select coalesce(jsonb_object_agg(c.key, c.value) filter (where c.value <> 'null'), '{}'::jsonb) as data from (
            select distinct on (e.key) e.key, e.value from workflows.history b cross join lateral jsonb_each(b.changes) e
             where b.tenant_id = i.tenant_id and b.instance_id = i.id and b.version <= h.version and b.kind <> 'ASSIGNMENT'
             order by e.key, b.version desc) c) d
        left join lateral (
          select b.changes->'assignee' as assignee from workflows.history b
           where b.tenant_id = i.tenant_id and b.instance_id = i.id and b.version <= h.version and b.kind = 'ASSIGNMENT'
           order by b.version desc limit 1) a on true
        left join lateral (
          select b.kind from workflows.history b
           where b.tenant_id = i.tenant_id and b.instance_id = i.id and b.version <= h.version
             and b.kind in ('SUSPENSION', 'RESUMPTION', 'INCIDENT', 'RESOLUTION')
           order by b.version desc limit 1) s on true
       where i.tenant_id = app.tenant() and i.id = ${instanceId}::uuid`,
    ),
  );
  return row ?? null;
}
