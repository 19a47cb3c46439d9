import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

/**
 * An entry exactly as it is stored, with every column as text. PostgreSQL's text of a jsonb value is canonical (keys ordered, numbers exact);
 * JavaScript would round large numbers.
 */
export type StoredEntry = {
  id: string;
  action: string;
  entity_type: string;
  entity_id: string;
  before: string | null;
  after: string | null;
  actor_id: string;
  on_behalf_of: string | null;
  session_id: string | null;
  request_id: string;
  address: string | null;
  at: string;
};

/** The columns of a StoredEntry, for statements with `audit.entries e`. The time does not depend on the session's time zone. */
export const storedEntryColumns: SQL = sql`e.id::text as id, e.action, e.entity_type, e.entity_id::text as entity_id, e.before::text as before,
  e.after::text as after, e.actor_id::text as actor_id, e.on_behalf_of::text as on_behalf_of, e.session_id::text as session_id, e.request_id,
  e.address, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;

/**
 * Returns the SHA-256 (hex) of the JSON array of the entry's columns, in this order. Personal values are hashed as ciphertext, so erasing a person
 * does not change the hash.
 */
export function entryHash(tenantId: string, entry: StoredEntry): string {
  return sha256(
    JSON.stringify([
      "weft.audit.entry.v1",
      tenantId,
      entry.id,
      entry.action,
      entry.entity_type,
      entry.entity_id,
      entry.before,
      entry.after,
      entry.actor_id,
      entry.on_behalf_of,
      entry.session_id,
      entry.request_id,
      entry.address,
      entry.at,
    ]),
  );
}

/** Returns the chain's hash at a sequence number. It covers everything before it. */
export function chainHash(previousHash: string, entry: string, sequence: number): string {
  return sha256(JSON.stringify(["weft.audit.seal.v1", previousHash, entry, sequence]));
}

/** Returns the hash before the first seal of a tenant. It differs by tenant, so chains of two tenants never match. */
export function genesisHash(tenantId: string): string {
  return sha256(JSON.stringify(["weft.audit.genesis.v1", tenantId]));
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
