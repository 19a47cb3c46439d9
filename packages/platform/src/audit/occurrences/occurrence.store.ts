import { audit } from "@weft/drizzle";
import { sql } from "drizzle-orm";
import type { Tx } from "../../db/database.js";
import { dueInTrueTime } from "../../db/due-in-true-time.js";
import { named } from "../../db/named.js";
import type { PersonKeyring } from "../../privacy/keyring.js";
import { addressField, userAgentField } from "../image.js";
import { originOf } from "../write.js";
import { type CountedOccurrence, rowIdOf } from "./occurrence.js";

/** The two searches that a source of due work needs. */
export const occurrenceSearches = dueInTrueTime({ name: "Occurrence", dueAt: audit.occurrences.dueAt, isDoneInAllTenants: true });

/**
 * Adds to what has happened since the last entries. In the order of the key, because gateways write the same rows at the same time. At most three statements,
 * or one if the keys of the persons are cached.
 */
export async function addOccurrences(
  tx: Tx,
  { tenantId, keyring }: { readonly tenantId: string; readonly keyring: PersonKeyring },
  occurrences: readonly CountedOccurrence[],
): Promise<void> {
  const origins = occurrences.map(({ last }) => originOf(last));
  const sealed = (await keyring.seal(tx, tenantId, origins.flat())).values();
  const rows = occurrences.map(({ last, count, firstAt, lastAt }, index) => {
    const { client, ...rest } = last;
    const origin = new Map(origins[index]?.map(({ field }) => [field, sealed.next().value]));
    return {
      ...rest,
      id: rowIdOf(tenantId, last),
      address: origin.get(addressField),
      userAgent: origin.get(userAgentField),
      clientName: client?.name,
      clientVersion: client?.version,
      count,
      firstAt: new Date(firstAt).toISOString(),
      lastAt: new Date(lastAt).toISOString(),
    };
  });
  await tx.execute(
    named(
      "addOccurrences",
      sql`insert into audit.occurrences as known (tenant_id, id, class, outcome, code, operation, actor_id, on_behalf_of, session_id, request_id, address,
          client_name, client_version, user_agent, count, first_at, last_at)
        select app.tenant(), o.id, o.class, o.outcome, o.code, o.operation, o."actorId", o."onBehalfOf", o."sessionId", o."requestId", o.address,
               o."clientName", o."clientVersion", o."userAgent", o.count, o."firstAt", o."lastAt"
          from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as o(
            id uuid, class text, outcome text, code text, operation text, "actorId" uuid, "onBehalfOf" uuid, "sessionId" uuid, "requestId" text,
            address text, "clientName" text, "clientVersion" text, "userAgent" text, count bigint, "firstAt" timestamptz, "lastAt" timestamptz)
         order by o.id
        on conflict (tenant_id, id) do update set
          on_behalf_of = excluded.on_behalf_of, session_id = excluded.session_id, request_id = excluded.request_id, address = excluded.address,
          client_name = excluded.client_name, client_version = excluded.client_version, user_agent = excluded.user_agent,
          count = known.count + excluded.count,
          first_at = case when known.count = 0 then excluded.first_at else least(known.first_at, excluded.first_at) end,
          last_at = greatest(known.last_at, excluded.last_at)`,
    ),
  );
}

/**
 * Writes the entries of occurrences that are due, at most `limit`, and deletes the rows of those that did not happen again for a minute.
 * @returns the number of rows
 */
export async function recordDueOccurrences(tx: Tx, limit: number): Promise<number> {
  const [row] = await tx.execute<{ handled: number }>(
    named(
      "recordDueOccurrences",
      sql`with due as materialized (
        select o.*, app.uuid_v7() as entry_id from audit.occurrences o where o.tenant_id = app.tenant() and o.due_at <= now()
         order by o.due_at limit ${limit}::int for update skip locked
      ), ended as (
        delete from audit.occurrences o using due where o.tenant_id = app.tenant() and o.id = due.id and due.count = 0
      ), recorded as (
        update audit.occurrences o set count = 0, due_at = now() + interval '1 minute'
          from due where o.tenant_id = app.tenant() and o.id = due.id and due.count > 0
      ), written as (
        insert into audit.entries (tenant_id, id, action, entity_type, entity_id, actor_id, on_behalf_of, session_id, request_id, address, class, outcome,
          details, client_name, client_version, user_agent)
        select d.tenant_id, d.entry_id, case d.class when 'SENSITIVE_READ' then 'api.read' when 'FAILURE' then 'api.fail' else 'api.refuse' end,
               'tenant', d.tenant_id, d.actor_id, d.on_behalf_of, d.session_id, d.request_id, d.address, d.class, d.outcome,
               jsonb_strip_nulls(jsonb_build_object('code', d.code, 'operation', d.operation, 'count', d.count,
                 'firstAt', to_char(d.first_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                 'lastAt', to_char(d.last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))),
               d.client_name, d.client_version, d.user_agent
          from due d where d.count > 0
      ), queued as (
        insert into audit.unsealed (tenant_id, entry_id) select d.tenant_id, d.entry_id from due d where d.count > 0 order by d.entry_id
      )
      select count(*)::int as handled from due`,
    ),
  );
  return row?.handled ?? 0;
}
