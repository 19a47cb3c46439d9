import { newId } from "@weft/shared/ids";
import type { postgres } from "@weft/pg-driver";

/** Two states, each with a timer that leads to the other, so that each instance always has one armed timer. */
const document = {
  weft: 1,
  key: "alarm",
  name: "Alarm",
  data: { type: "object", properties: { summary: { type: "string", maxLength: 200 }, estimate: { type: "number" } } },
  initial: "left",
  states: {
    left: { timers: { swing: { after: "P30D", fire: "swing" } }, transitions: { swing: { to: "right" }, stop: { to: "stopped" } } },
    right: { timers: { swing: { after: "P30D", fire: "swing" } }, transitions: { swing: { to: "left" } } },
    stopped: { final: "completed" },
  },
};

/** Creates a tenant with this many instances, each with a timer that is due in 30 days. Loads them with SQL. Returns its UUID. */
export async function aTimedTenant(owner: postgres.Sql, instances: number): Promise<string> {
  const [tenantId, userId, definitionId] = [newId(), newId(), newId()];
  const text = JSON.stringify(document);
  await owner`insert into identity.tenants (tenant_id, slug, name, plan) values (${tenantId}, ${`t-${tenantId}`}, 'Alarms', 'ENTERPRISE')`;
  await owner`insert into identity.users (tenant_id, id, email, username, name, type)
    values (${tenantId}, ${userId}, ${`${userId}@bench.example`}, ${userId}, 'Bench', 'EMPLOYEE')`;
  await owner`insert into workflows.definitions (tenant_id, id, key, number, name, status, environments, source, format, document, created_by)
    values (${tenantId}, ${definitionId}, 'alarm', 1, 'Alarm', 'PUBLISHED', array['DEV', 'STAGING', 'PROD'], ${text}, 'JSON', ${text}::text::jsonb, ${userId})`;
  await owner`
    with made as (
      insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select ${tenantId}::uuid, gen_random_uuid(), ${definitionId}::uuid, 'alarm', 'left', 'RUNNING',
             '{"summary": "The elevator in the lobby grinds when it stops at the second floor", "estimate": 1200}', 1, ${userId}::uuid, now(), now()
        from generate_series(1, ${instances}::int)
      returning tenant_id, id
    ), chronicle as (
      insert into workflows.history (tenant_id, id, instance_id, version, kind, to_state, actor_id, at)
      select tenant_id, gen_random_uuid(), id, 1, 'START', 'left', ${userId}::uuid, now() from made
    )
    insert into workflows.timers (tenant_id, id, instance_id, kind, name, state, due_at, armed_at_version, payload, created_at)
    select tenant_id, gen_random_uuid(), id, 'STATE', 'swing', 'left', now() + interval '30 days', 1, '{"count": 1, "effect": "fire"}', now() from made`;
  return tenantId;
}

/** Timers that were made due at the same moment. */
export interface DueRound {
  readonly tenantId: string;
  readonly dueAt: string;
}

/** Makes armed timers due at the same moment. */
export async function makeDue(owner: postgres.Sql, tenantId: string, { count, inMs }: { count: number; inMs: number }): Promise<DueRound> {
  const [row] = await owner<{ dueAt: string }[]>`
    with at as materialized (select clock_timestamp() + ${inMs} * interval '1 millisecond' as due_at),
    moved as (
      update workflows.timers t set due_at = at.due_at from at
       where t.tenant_id = ${tenantId} and t.id in (
         select id from workflows.timers where tenant_id = ${tenantId} and status = 'ARMED' order by id limit ${count}::int)
    )
    select due_at::text as "dueAt" from at`;
  if (!row) throw new Error("No time was returned.");
  return { tenantId, dueAt: row.dueAt };
}

/** Returns for each timer of the round that has fired the time from when it was due to the commit of its effect, in ms, shortest first. */
export async function timesOf(owner: postgres.Sql, { tenantId, dueAt }: DueRound): Promise<number[]> {
  const rows = await owner<{ ms: number }[]>`
    select (extract(epoch from pg_xact_commit_timestamp(xmin) - due_at) * 1000)::float8 as ms from workflows.timers
     where tenant_id = ${tenantId} and due_at = ${dueAt}::text::timestamptz and status = 'FIRED' order by 1`;
  return rows.map(({ ms }) => ms);
}
