import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

/** Uses of an element by a client of a tenant. Empty: the client has no name or version. */
// A type, because rows of a statement cannot have the type of an interface.
export type FieldUseRow = {
  readonly tenantId: string;
  readonly coordinate: string;
  readonly deprecationReason: string | null;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly operations: number;
  readonly firstUsedOn: string;
  readonly lastUsedOn: string;
};

export interface UsesToCount {
  readonly coordinate: string | null;
  readonly type: string | null;
  readonly isDeprecated: boolean | null;
  readonly clientName: string | null;
  /** `2026-03-01`. */
  readonly since: string;
  /** Null: of the transaction's tenant or, as weft_auth, of all tenants. */
  readonly tenantId: string | null;
  readonly limit: number;
}

/** Returns the uses of a period: those of deprecated elements first, then by number. */
export async function selectFieldUses(tx: Tx, wanted: UsesToCount): Promise<FieldUseRow[]> {
  const { coordinate, type, isDeprecated, clientName, since, tenantId, limit } = wanted;
  const rows = await tx.execute<FieldUseRow>(
    named(
      "selectFieldUses",
      sql`select * from (
        select u.tenant_id as "tenantId", one.key as coordinate, (array_agg(u.deprecated ->> one.key order by u.day desc))[1] as "deprecationReason",
               u.client_name as "clientName", u.client_version as "clientVersion", sum(one.value::bigint)::float8 as operations,
               min(u.day)::text as "firstUsedOn", max(u.day)::text as "lastUsedOn"
          from app.field_uses u cross join lateral jsonb_each_text(u.fields) one
         where u.day >= ${since}::date
           and (${tenantId}::uuid is null or u.tenant_id = ${tenantId}::uuid)
           and (${clientName}::text is null or u.client_name = ${clientName}::text)
           and (${coordinate}::text is null or (u.fields ? ${coordinate}::text and one.key = ${coordinate}::text))
           and (${type}::text is null or split_part(one.key, '.', 1) = ${type}::text)
         group by 1, 2, 4, 5) counted
       where ${isDeprecated}::boolean is null or ("deprecationReason" is not null) = ${isDeprecated}::boolean
       order by ("deprecationReason" is null), operations desc, coordinate, "clientName", "clientVersion", "tenantId"
       limit ${limit}::int`,
    ),
  );
  return [...rows];
}
