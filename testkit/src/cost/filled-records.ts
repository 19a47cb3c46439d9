import { encodeId, newId } from "@weft/shared";
import type postgres from "postgres";
import { inSlices } from "./sliced.js";

/** Objects and times that lists of records are filtered by. */
export interface RecordPlaces {
  /** ID of a user with fifty requests and fifty audit entries. */
  readonly actor: string;
  /** ID of a request. */
  readonly request: string;
  /** Creation time of the middle request. */
  readonly middle: string;
}

/** UUID of the nth row of a kind, in the order of time, as for UUID version 7. `fillInstances` of the benchmarks has the same for instances. */
const uuidOf = (kind: "a" | "b" | "c" | "d", n: string): string =>
  `('00000000-0000-7000-${kind}000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/**
 * Writes requests, audit entries and notifications as they are after years of use, this many of each, bypassing the subgraphs. Their instances are
 * expected to exist, or to be written by `fillHeads`. Twenty audit entries have a rare action and type. A tenth of the notifications are the reader's.
 */
export async function fillRecords(
  sql: postgres.Sql,
  tenantId: string,
  { count, reader }: { readonly count: number; readonly reader: string },
): Promise<RecordPlaces> {
  const actor = newId();
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    const types = tx.unsafe(uuidOf("c", "n"));
    await tx`insert into requests.request_types (tenant_id, id, key, name, definition_key, number_prefix, fields, submit_transition, cancel_transition)
      select ${tenantId}::uuid, ${types}, case n when 5 then 'unused' else 'type-' || n end, 'Type ' || n, 'process-' || n, 'R' || n, '[]', 'submit', 'cancel'
        from generate_series(0, 5) n`;
    const rows = tx`(select n, ${tx.unsafe(uuidOf("b", "n"))} as id, now() - (${count} - n) * interval '20 seconds' as at,
        case when n % ${count / 50} = 7 then ${actor}::uuid else md5((n % 1000)::text)::uuid end as actor, n % ${count / 20} = 3 as is_rare
        from generate_series(${from}::int, ${to - 1}::int) n) r`;
    await tx`insert into requests.requests (tenant_id, id, number, type_id, instance_id, created_by, created_at, updated_at)
      select ${tenantId}::uuid, r.id, case n when ${count / 2} then 'X-4' else 'R-' || n end, ${tx.unsafe(uuidOf("c", "n % 5"))},
             ${tx.unsafe(uuidOf("a", "n"))}, actor, at, at from ${rows}`;
    await tx`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, after, actor_id, request_id, at)
      select ${tenantId}::uuid, r.id, case when is_rare then 'requestType.create' when n % 10 = 4 then 'workflow.start' else 'workflow.fire' end,
             case when is_rare then 'requestType' else 'instance' end, r.id, '{"state": "triage", "version": 3}', actor, 'filled', at from ${rows}`;
    await tx`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, read_at, created_at)
      select ${tenantId}::uuid, r.id, case when n % 10 = 0 then ${reader}::uuid else actor end, r.id, 'TASK_OPENED', 'A task', 'request', r.id, '{}',
             case when n / 10 % ${count / 200} = 0 then null else at end, at from ${rows}`;
  });
  const [row] = await sql<{ middle: Date }[]>`select now() - ${count / 2} * interval '20 seconds' as middle`;
  const request = "00000000-0000-7000-b000-000000000007";
  return { actor: encodeId("user", actor), request: encodeId("request", request), middle: row?.middle.toISOString() ?? "" };
}

/**
 * Writes an SLA clock for each instance of `fillHeads`: half have ended, a tenth are paused, and the others run. Of those, twenty have reached their
 * target, and twenty others a warning.
 */
export async function fillClocks(sql: postgres.Sql, tenantId: string, count: number): Promise<void> {
  await sql`insert into workflows.sla_calendars (tenant_id, key, calendar, created_at) values (${tenantId}::uuid, 'elapsed', null, now())`;
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    await tx`insert into workflows.sla_clocks (tenant_id, id, instance_id, definition_key, rule, title, phase, paused_for, basis, calendar_key, target_seconds, warn_seconds,
        consumed_seconds, entered_at, started_at, due_at, warn_at, ended_at, entries)
      select ${tenantId}::uuid, ${tx.unsafe(uuidOf("d", "n"))}, ${tx.unsafe(uuidOf("a", "n"))}, 'process-' || n % 5, 'resolution', 'Resolution', phase,
             case phase when 'PAUSE' then 'PAUSE' end, '0', 'elapsed', 864000, '{432000}', 0, at, at,
             case when phase <> 'RUN' then null when n % ${count / 20} = 2 then now() - interval '1 hour' else now() + n * interval '20 seconds' + interval '1 day' end,
             case when phase <> 'RUN' then null when n % ${count / 20} = 4 then now() - interval '1 hour' else now() + n * interval '20 seconds' + interval '12 hours' end,
             case phase when 'MET' then at end, 1
        from (select n, now() - (${count} - n) * interval '20 seconds' as at,
                     case when n % 2 = 1 then 'MET' when n % 20 in (6, 16) then 'PAUSE' else 'RUN' end as phase
                from generate_series(${from}::int, ${to - 1}::int) n) c`;
  });
}

/** Writes the instances of `fillRecords`: a tenth are running, in four states, and twenty are in a separate state. */
export async function fillHeads(sql: postgres.Sql, tenantId: string, count: number): Promise<void> {
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, state, status, data, version, owner_id, created_at, updated_at)
      select ${tenantId}::uuid, ${tx.unsafe(uuidOf("a", "n"))}, ${newId()}::uuid, 'process-' || n % 5,
             case when n % ${count / 20} = 0 then 'rare' when n / 7 % 10 = 0 then (array['triage', 'review', 'work', 'wait'])[1 + n / 70 % 4] else 'done' end,
             'RUNNING', '{}', 3, md5((n % 1000)::text)::uuid, now() - (${count} - n) * interval '20 seconds', now() - (${count} - n) * interval '20 seconds'
        from generate_series(${from}::int, ${to - 1}::int) n`;
  });
}
