import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { SealedJson } from "./sealed-json.js";

/** An object, or an earlier version of one. */
export interface VersionKey {
  readonly id: string;
  /** The version had its values until this time. */
  readonly until: string;
}

export interface OutdatedJson extends VersionKey {
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ReencryptedJson extends VersionKey {
  readonly before: object;
  readonly fields: object;
}

/** Returns JSON objects with a ciphertext that was not made with the newest key, in the order of their keys. */
export async function findOutdatedJson(
  tx: Tx,
  { from, fields, until }: SealedJson,
  { newest, after, limit }: { readonly newest: number; readonly after: VersionKey; readonly limit: number },
): Promise<OutdatedJson[]> {
  const of = sql.raw(fields);
  const version = sql.raw(until);
  const rows = await tx.execute<{ id: string; until: string; fields: Record<string, unknown> }>(
    named(
      "findOutdatedJson",
      sql`select o.id::text, ${version}::text as until, ${of} as fields from ${sql.raw(from)}
      where o.tenant_id = app.tenant() and (o.id, ${version}) > (${after.id}::uuid, ${after.until}::timestamptz)
        and exists (select from jsonb_each(${of}) f
          where app.is_encrypted(f.value) and not starts_with(f.value->>'$sealed', ${`sec:v1:${newest}:`}))
      order by o.id, ${version} limit ${limit}::int`,
    ),
  );
  return [...rows];
}

/** Plain members of JSON objects that are to be encrypted. */
export interface PlainMembers {
  /** Type of the objects; empty if all objects of the kind have the same fields. */
  readonly typeKey: string;
  readonly names: readonly string[];
}

/** Returns JSON objects with a text of these names in plain text, in the order of their keys. */
export async function findPlainJson(
  tx: Tx,
  place: SealedJson,
  { typeKey, names, after, limit }: PlainMembers & { readonly after: VersionKey; readonly limit: number },
): Promise<OutdatedJson[]> {
  const of = sql.raw(place.fields);
  const version = sql.raw(place.until);
  const rows = await tx.execute<{ id: string; until: string; fields: Record<string, unknown> }>(
    named(
      "findPlainJson",
      sql`select o.id::text, ${version}::text as until, ${of} as fields from ${sql.raw(place.from)}
      where o.tenant_id = app.tenant() and ${isOfType(place, typeKey)} and (o.id, ${version}) > (${after.id}::uuid, ${after.until}::timestamptz)
        and exists (select from jsonb_each(${of}) f where f.key = any(${sql.param(names)}::text[]) and jsonb_typeof(f.value) = 'string')
      order by o.id, ${version} limit ${limit}::int`,
    ),
  );
  return [...rows];
}

/** A name with values in plain text. */
export interface PlainName {
  readonly name: string;
  /** Whether all of these values are texts, which can be encrypted. */
  readonly areTexts: boolean;
}

/** Returns those of the names of which JSON objects have values in plain text. */
export async function findPlainNames(tx: Tx, place: SealedJson, { typeKey, names }: PlainMembers): Promise<PlainName[]> {
  const rows = await tx.execute<{ name: string; areTexts: boolean }>(
    named(
      "findPlainNames",
      sql`select f.key as name, bool_and(jsonb_typeof(f.value) = 'string') as "areTexts" from ${sql.raw(place.from)}, jsonb_each(${sql.raw(place.fields)}) f
      where o.tenant_id = app.tenant() and ${isOfType(place, typeKey)} and f.key = any(${sql.param(names)}::text[]) and not app.is_encrypted(f.value)
      group by f.key`,
    ),
  );
  return [...rows];
}

const isOfType = ({ type }: SealedJson, typeKey: string): SQL => (type === null ? sql`true` : sql`${sql.raw(type)} = ${typeKey}`);

/**
 * Replaces JSON objects that are still the ones read before: values that a user changed in the meantime stay. Returns how many were replaced.
 */
export async function updateJson(tx: Tx, { update }: SealedJson, changed: readonly ReencryptedJson[]): Promise<number> {
  const rows = await tx.execute(
    named(
      "updateJson",
      sql`with n as (select * from jsonb_to_recordset(${JSON.stringify(changed)}::text::jsonb) as n (id uuid, until timestamptz, before jsonb, fields jsonb))
      ${sql.raw(update)} returning 1`,
    ),
  );
  return rows.length;
}
