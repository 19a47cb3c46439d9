import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** What a client used on a day. */
export interface DayOfClient {
  readonly clientName: string;
  readonly clientVersion: string;
  /** Operations in which each element was used, by coordinate. */
  readonly fields: Readonly<Record<string, number>>;
  /** Reasons of the elements that were deprecated when they were used, by coordinate. */
  readonly deprecated: Readonly<Record<string, string>>;
}

/** Returns the clients that are known of a day (`2026-03-01`, UTC). */
export async function selectClientsOfDay(tx: Tx, day: string): Promise<Pick<DayOfClient, "clientName" | "clientVersion">[]> {
  const rows = await tx.execute<{ clientName: string; clientVersion: string }>(
    named(
      "selectClientsOfDay",
      sql`select client_name as "clientName", client_version as "clientVersion" from app.field_uses where tenant_id = app.tenant() and day = ${day}::date`,
    ),
  );
  return [...rows];
}

/** Adds to what is known of a day. In the order of the key, because gateways write the same rows at the same time. */
export async function addFieldUses(tx: Tx, day: string, uses: readonly DayOfClient[]): Promise<void> {
  await tx.execute(
    named(
      "addFieldUses",
      sql`insert into app.field_uses as known (tenant_id, day, client_name, client_version, fields, deprecated)
        select app.tenant(), ${day}::date, u."clientName", u."clientVersion", u.fields, u.deprecated
          from jsonb_to_recordset(${JSON.stringify(uses)}::text::jsonb) as u("clientName" text, "clientVersion" text, fields jsonb, deprecated jsonb)
         order by u."clientName", u."clientVersion"
        on conflict (tenant_id, day, client_name, client_version) do update set
          fields = (
            select jsonb_object_agg(coordinate, uses) from (
              select one.key as coordinate, sum(one.value::bigint) as uses
                from (select * from jsonb_each_text(known.fields) union all select * from jsonb_each_text(excluded.fields)) one
               group by one.key) summed),
          deprecated = known.deprecated || excluded.deprecated`,
    ),
  );
}
