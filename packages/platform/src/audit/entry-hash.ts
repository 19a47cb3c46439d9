import { createHash } from "node:crypto";
import { audit } from "@weft/drizzle";
import { isUuid } from "@weft/shared/ids";
import { sql } from "drizzle-orm";
import type { SQL, SQLWrapper } from "drizzle-orm";

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
  class: string;
  outcome: string;
  details: string | null;
  client_name: string | null;
  client_version: string | null;
  user_agent: string | null;
  at: string;
};

/** The columns of a StoredEntry, for statements with `audit.entries e`. The time does not depend on the session's time zone. */
export const storedEntryColumns: SQL = sql`e.id::text as id, e.action, e.entity_type, e.entity_id::text as entity_id, e.before::text as before,
  e.after::text as after, e.actor_id::text as actor_id, e.on_behalf_of::text as on_behalf_of, e.session_id::text as session_id, e.request_id,
  e.address, e.class, e.outcome, e.details::text as details, e.client_name, e.client_version, e.user_agent, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`;

const { auditEntries } = audit;
const text = (column: SQLWrapper): SQL<string> => sql<string>`${column}::text`;

/** The columns of a StoredEntry, for statements that drizzle builds. */
export const storedColumns: Readonly<Record<keyof StoredEntry, SQL<string | null>>> = {
  id: text(auditEntries.id),
  action: text(auditEntries.action),
  entity_type: text(auditEntries.entityType),
  entity_id: text(auditEntries.entityId),
  before: text(auditEntries.before),
  after: text(auditEntries.after),
  actor_id: text(auditEntries.actorId),
  on_behalf_of: text(auditEntries.onBehalfOf),
  session_id: text(auditEntries.sessionId),
  request_id: text(auditEntries.requestId),
  address: text(auditEntries.address),
  class: text(auditEntries.class),
  outcome: text(auditEntries.outcome),
  details: text(auditEntries.details),
  client_name: text(auditEntries.clientName),
  client_version: text(auditEntries.clientVersion),
  user_agent: text(auditEntries.userAgent),
  at: sql`to_char(${auditEntries.at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
};

/** The columns of an entry in the order in which they are hashed. */
const hashedColumns = [
  "id",
  "action",
  "entity_type",
  "entity_id",
  "before",
  "after",
  "actor_id",
  "on_behalf_of",
  "session_id",
  "request_id",
  "address",
  "at",
] as const satisfies readonly (keyof StoredEntry)[];

/** Those that entries have had since clients and outcomes were recorded. */
const furtherColumns = [
  "class",
  "outcome",
  "details",
  "client_name",
  "client_version",
  "user_agent",
] as const satisfies readonly (keyof StoredEntry)[];

/** Values of the further columns in entries of the first form. */
const first: Pick<StoredEntry, (typeof furtherColumns)[number]> = {
  class: "CHANGE",
  outcome: "SUCCESS",
  details: null,
  client_name: null,
  client_version: null,
  user_agent: null,
};

/**
 * Entries that were written before clients and outcomes were recorded have the first form, and so have later ones without them. No entry can have both: a
 * changed one has the wrong form for its hash.
 */
const isOfFirstForm = (entry: StoredEntry): boolean => furtherColumns.every((column) => entry[column] === first[column]);

/**
 * Returns the text that is hashed for an entry: the JSON array of its columns. Personal values are in it as ciphertext, so erasing a person does not change
 * it.
 */
export function hashedText(tenantId: string, entry: StoredEntry): string {
  const further = isOfFirstForm(entry) ? [] : furtherColumns;
  const version = further.length === 0 ? "weft.audit.entry.v1" : "weft.audit.entry.v2";
  return JSON.stringify([version, tenantId, ...[...hashedColumns, ...further].map((column) => entry[column])]);
}

/** Reads the text that was hashed for an entry. Null if it is not one of the tenant's. */
export function entryOfHashedText(tenantId: string, text: string): StoredEntry | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed)) return null;
  const [, , ...values] = parsed as unknown[];
  if (!values.every((value) => value === null || typeof value === "string")) return null;
  const columns = [...hashedColumns, ...furtherColumns];
  const given: Readonly<Record<string, unknown>> = Object.fromEntries(
    values.map((value, at): [string, unknown] => [String(columns[at]), value]),
  );
  const entry = { ...first, ...given } as StoredEntry;
  // Also compares the form, the tenant and the number of columns.
  return isStorable(entry) && hashedText(tenantId, entry) === JSON.stringify(parsed) ? entry : null;
}

/** Whether a table could contain the values: somebody can have hashed a text that never was an entry. */
const isStorable = ({ id, entity_id, actor_id, on_behalf_of, session_id, ...texts }: StoredEntry): boolean =>
  [id, entity_id, actor_id].every(isUuid) &&
  [on_behalf_of, session_id].every((value) => value === null || isUuid(value)) &&
  [texts.action, texts.entity_type, texts.request_id, texts.at, texts.class, texts.outcome].every((value) => value !== null);

/** Returns the SHA-256 (hex) of the entry's hashed text. */
export const entryHash = (tenantId: string, entry: StoredEntry): string => hashOfText(hashedText(tenantId, entry));

/** Returns the SHA-256 (hex) of a hashed text. */
export const hashOfText = (text: string): string => sha256(text);

/** Returns the chain's hash at a sequence number. It covers everything before it. */
export function chainHash(previousHash: string, entry: string, sequence: number): string {
  return sha256(JSON.stringify(["weft.audit.seal.v1", previousHash, entry, sequence]));
}

/** Returns the hash before the first seal of a tenant. It differs by tenant, so chains of two tenants never match. */
export function genesisHash(tenantId: string): string {
  return sha256(JSON.stringify(["weft.audit.genesis.v1", tenantId]));
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
