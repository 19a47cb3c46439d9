import { encodeId, newId } from "@weft/shared/ids";
import type { postgres } from "@weft/pg-driver";
import { inSlices } from "./sliced.js";

/** Objects and times that lists of records are filtered by. */
export interface RecordPlaces {
  /** ID of a user with fifty requests and fifty audit entries. */
  readonly actor: string;
  /** ID of a user who watches twenty requests. */
  readonly reader: string;
  /** ID of a request. */
  readonly request: string;
  /** ID of a building with twenty requests. */
  readonly building: string;
  /** Creation time of the middle request. */
  readonly middle: string;
}

/** UUID of the nth row of a kind, in the order of time, as for UUID version 7. `fillInstances` of the benchmarks has the same for instances. */
const uuidOf = (kind: "a" | "b" | "c" | "d" | "e" | "f", n: string): string =>
  `('00000000-0000-7000-${kind}000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/**
 * Writes requests, audit entries and notifications as they are after years of use, this many of each, bypassing the subgraphs. Their instances are
 * expected to exist, or to be written by `fillHeads`. Twenty audit entries have a rare action and type. A tenth of the notifications are the reader's. Twenty
 * requests are urgent, due, watched by the reader, tagged `roof`, and in a building of their own; a tenth are tagged `heating`. The others are in fifty
 * buildings.
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
    const building = (n: string) => tx.unsafe(uuidOf("d", n));
    await tx`insert into requests.buildings (tenant_id, id, code, name)
      select ${tenantId}::uuid, ${building("n")}, 'B' || n, 'Building ' || n from generate_series(0, 50) n`;
    const rows = tx`(select n, ${tx.unsafe(uuidOf("b", "n"))} as id, now() - (${count} - n) * interval '20 seconds' as at,
        case when n % ${count / 50} = 7 then ${actor}::uuid else md5((n % 1000)::text)::uuid end as actor, n % ${count / 20} = 3 as is_rare
        from generate_series(${from}::int, ${to - 1}::int) n) r`;
    await tx`insert into requests.requests (tenant_id, id, number, type_id, instance_id, created_by, priority, impact, due_at, tags, building_id, created_at,
        updated_at)
      select ${tenantId}::uuid, r.id, case n when ${count / 2} then 'X-4' else 'R-' || n end, ${tx.unsafe(uuidOf("c", "n % 5"))},
             ${tx.unsafe(uuidOf("a", "n"))}, actor, case when is_rare then 3 else 1 end, case when is_rare then 2 end, case when is_rare then at end,
             case when is_rare then '{roof}'::text[] when n % 10 = 4 then '{heating}' else '{}' end,
             case when is_rare then ${building("50")} else ${building("n % 50")} end, at, at from ${rows}`;
    await tx`insert into requests.watchers (tenant_id, request_id, user_id, added_by, created_at)
      select ${tenantId}::uuid, r.id, ${reader}::uuid, ${reader}::uuid, at from ${rows} where is_rare`;
    await tx`insert into audit.entries (tenant_id, id, action, entity_type, entity_id, after, actor_id, request_id, at)
      select ${tenantId}::uuid, r.id, case when is_rare then 'requestType.create' when n % 10 = 4 then 'workflow.start' else 'workflow.fire' end,
             case when is_rare then 'requestType' else 'instance' end, r.id, '{"state": "triage", "version": 3}', actor, 'filled', at from ${rows}`;
    await tx`insert into audit.notifications (tenant_id, id, user_id, event_id, kind, title, subject_type, subject_id, params, read_at, created_at)
      select ${tenantId}::uuid, r.id, case when n % 10 = 0 then ${reader}::uuid else actor end, r.id, 'TASK_OPENED', 'A task', 'request', r.id, '{}',
             case when n / 10 % ${count / 200} = 0 then null else at end, at from ${rows}`;
  });
  const [row] = await sql<{ middle: Date }[]>`select now() - ${count / 2} * interval '20 seconds' as middle`;
  const request = "00000000-0000-7000-b000-000000000007";
  const building = "00000000-0000-7000-d000-000000000032";
  return {
    actor: encodeId("user", actor),
    reader: encodeId("user", reader),
    request: encodeId("request", request),
    building: encodeId("building", building),
    middle: row?.middle.toISOString() ?? "",
  };
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
    await tx`insert into workflows.instances (tenant_id, id, definition_id, definition_key, subject_type, subject_id, state, status, data, version, owner_id, created_at, updated_at)
      select ${tenantId}::uuid, ${tx.unsafe(uuidOf("a", "n"))}, ${newId()}::uuid, 'process-' || n % 5, 'request', ${tx.unsafe(uuidOf("b", "n"))},
             case when n % ${count / 20} = 0 then 'rare' when n / 7 % 10 = 0 then (array['triage', 'review', 'work', 'wait'])[1 + n / 70 % 4] else 'done' end,
             'RUNNING', '{}', 3, md5((n % 1000)::text)::uuid, now() - (${count} - n) * interval '20 seconds', now() - (${count} - n) * interval '20 seconds'
        from generate_series(${from}::int, ${to - 1}::int) n`;
  });
}

/** Writes the words of the requests of `fillRecords`: one that all have, one that a tenth has, one that twenty have, and three that differ. */
export async function fillWords(sql: postgres.Sql, tenantId: string, count: number): Promise<void> {
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    const id = tx.unsafe(uuidOf("b", "n"));
    await tx`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
      select ${tenantId}::uuid, 'request', ${id}, ${id}, 'PUBLIC', w.word
        from generate_series(${from}::int, ${to - 1}::int) n,
             unnest(array['r', 'repair', n::text, 'part' || n % 5000, case when n % 10 = 1 then 'kitchen' end, case when n % ${count / 20} = 3 then 'chimney' end]) as w(word)
       where w.word is not null`;
  });
}

/** Makes the requests of `fillRecords` findable by parts of their numbers. */
export async function fillNumbers(sql: postgres.Sql, tenantId: string): Promise<void> {
  await inSlices(sql, 1, undefined, async (tx) => {
    await tx`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
      select r.tenant_id, 'requestNumber', r.id, '00000000-0000-7000-8000-000000000002'::uuid, 'PUBLIC', s.suffix
        from requests.requests r, app.suffixes(r.number) as s(suffix) where r.tenant_id = ${tenantId}::uuid`;
  });
}

/** Makes the assets of `fillAssets` findable by parts of their tags and serial numbers. */
export async function fillLabels(sql: postgres.Sql, tenantId: string): Promise<void> {
  await inSlices(sql, 1, undefined, async (tx) => {
    await tx`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
      select a.tenant_id, 'assetTag', a.id, '00000000-0000-7000-8000-000000000003'::uuid, 'PUBLIC', s.suffix
        from requests.assets a, app.suffixes(a.tag) as s(suffix) where a.tenant_id = ${tenantId}::uuid
      union all
      select a.tenant_id, 'assetSerialNumber', a.id, '00000000-0000-7000-8000-000000000004'::uuid, 'PUBLIC', s.suffix
        from requests.assets a, app.suffixes(a.serial_number) as s(suffix) where a.tenant_id = ${tenantId}::uuid`;
  });
}

/** Makes the requests of `fillRecords` findable by their tags. */
export async function fillTags(sql: postgres.Sql, tenantId: string): Promise<void> {
  await inSlices(sql, 1, undefined, async (tx) => {
    await tx`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
      select r.tenant_id, 'requestTag', r.id, '00000000-0000-7000-8000-000000000001', 'INTERNAL', t.tag
        from requests.requests r, unnest(r.tags) as t(tag) where r.tenant_id = ${tenantId}::uuid`;
  });
}

/** Writes a history and comments of the request `RecordPlaces.request`, this many of each. */
export async function fillTimeline(
  sql: postgres.Sql,
  tenantId: string,
  { count, author }: { readonly count: number; readonly author: string },
): Promise<void> {
  const [request, instance] = [sql.unsafe(uuidOf("b", "7")), sql.unsafe(uuidOf("a", "7"))];
  const at = sql`now() - (${count} - n) * interval '20 seconds'`;
  await sql`insert into workflows.history (tenant_id, id, instance_id, version, kind, transition, from_state, to_state, actor_id, at)
    select ${tenantId}::uuid, ${sql.unsafe(uuidOf("e", "n"))}, ${instance}, n, 'TRANSITION', 'answer', 'triage', 'triage', ${author}::uuid, ${at}
      from generate_series(1, ${count}::int) n`;
  await sql`insert into requests.comments (tenant_id, id, request_id, audience, author_id, text, created_at)
    select ${tenantId}::uuid, ${sql.unsafe(uuidOf("f", "n"))}, ${request}, 'PUBLIC', ${author}::uuid, 'A word', ${at} from generate_series(1, ${count}::int) n`;
}

/** Objects that lists of assets are filtered by. */
export interface AssetPlaces {
  /** ID of a building with twenty assets, which also have a rare type, status, manufacturer, model, owner, custodian and parent, and early days. */
  readonly building: string;
  readonly person: string;
  readonly parent: string;
}

/** Writes assets, in the buildings of `fillRecords`, and the words by which they are found. Twenty have rare values of everything that lists filter by. */
export async function fillAssets(sql: postgres.Sql, tenantId: string, count: number): Promise<AssetPlaces> {
  const building = (n: string) => uuidOf("d", n);
  await inSlices(sql, count, undefined, async (tx, from, to) => {
    await tx`insert into requests.buildings (tenant_id, id, code, name)
      select ${tenantId}::uuid, ${tx.unsafe(building("n"))}, 'B' || n, 'Building ' || n from generate_series(0, 50) n
      on conflict do nothing`;
    await tx`insert into requests.asset_types (tenant_id, id, key, name)
      select ${tenantId}::uuid, ${tx.unsafe(uuidOf("c", "n"))}, k, k from unnest(array['pump', 'boiler', 'elevator', 'rare']) with ordinality as t(k, n)`;
    await tx`insert into requests.assets (tenant_id, id, building_id, tag, name, type, status, serial_number, manufacturer, model, owner_user_id, custodian_id,
        purchased_on, warranty_until, installed_on, parent_id, created_at, updated_at)
      select ${tenantId}::uuid, ${tx.unsafe(uuidOf("e", "n"))}, case when is_rare then ${tx.unsafe(building("50"))} else ${tx.unsafe(building("n % 50"))} end,
             'T-' || lpad(n::text, 8, '0'), 'Asset ' || n % 500, case when is_rare then 'rare' else (array['pump', 'boiler', 'elevator'])[1 + n % 3] end,
             case when is_rare then 'OUT_OF_SERVICE' when n % 20 = 1 then 'MAINTENANCE' else 'OPERATIONAL' end, 'SN-' || n,
             case when is_rare then 'Rare' else 'Maker ' || n % 10 end, case when is_rare then 'R1' else 'Model ' || n % 30 end,
             case when is_rare then ${tx.unsafe(building("7"))} end, case when is_rare then ${tx.unsafe(building("7"))} end,
             day, day, day, case when is_rare and n > 100 then ${tx.unsafe(uuidOf("e", "0"))} end, at, at
        from (select n, n % ${count / 20} = 3 as is_rare, now() - (${count} - n) * interval '20 seconds' as at,
                     case when n % ${count / 20} = 3 then date '1990-01-01' else date '2020-01-01' + n % 1000 end as day
                from generate_series(${from}::int, ${to - 1}::int) n) a`;
    await tx`insert into app.search_words (tenant_id, object_type, object_id, source_id, audience, word)
      select ${tenantId}::uuid, 'asset', ${tx.unsafe(uuidOf("e", "n"))}, ${tx.unsafe(uuidOf("e", "n"))}, 'PUBLIC', w.word
        from generate_series(${from}::int, ${to - 1}::int) n,
             unnest(array['asset', 't' || n, case when n % 10 = 1 then 'hydraulic' end, case when n % ${count / 20} = 3 then 'antique' end]) as w(word)
       where w.word is not null`;
  });
  const [row] = await sql.unsafe<{ building: string; person: string; parent: string }[]>(
    `select ${building("50")} as building, ${building("7")} as person, ${uuidOf("e", "0")} as parent`,
  );
  if (row === undefined) throw new Error("No row.");
  return { building: encodeId("building", row.building), person: encodeId("user", row.person), parent: encodeId("asset", row.parent) };
}
