import { audit, identity } from "@weft/drizzle";
import { sql } from "drizzle-orm";

const { auditEntries, seals } = audit;

/** Columns of an entry, with its place in the chain. */
export const entryColumns = {
  id: auditEntries.id,
  action: auditEntries.action,
  entityType: auditEntries.entityType,
  entityId: auditEntries.entityId,
  before: auditEntries.before,
  after: auditEntries.after,
  actorId: auditEntries.actorId,
  onBehalfOf: auditEntries.onBehalfOf,
  sessionId: auditEntries.sessionId,
  requestId: auditEntries.requestId,
  address: auditEntries.address,
  at: auditEntries.at,
  class: auditEntries.class,
  outcome: auditEntries.outcome,
  details: auditEntries.details,
  clientName: auditEntries.clientName,
  clientVersion: auditEntries.clientVersion,
  userAgent: auditEntries.userAgent,
  sequence: seals.sequence,
  // Named: in a subquery, it would be a second column "id".
  apiKeyId: sql<string | null>`${identity.apiKeys.id}`.as("api_key_id"),
};

export type EntryRow = Omit<typeof auditEntries.$inferSelect, "tenantId"> & {
  readonly sequence: number | null;
  /** The API key in place of the session. */
  readonly apiKeyId: string | null;
};

/** An entry whose personal values, if they were read, are decrypted, or `[erased]`. */
export type OpenedEntry = EntryRow;
