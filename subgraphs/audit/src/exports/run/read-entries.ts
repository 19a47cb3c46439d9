import { audit, identity } from "@weft/drizzle";
import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { scopesOf, type Viewer } from "@weft/shared/viewer";
import { actionName, hashedText, genesisHash, type StoredEntry, storedColumns } from "@weft/platform/audit";
import { entityTypeName, type ExportedRow } from "@weft/platform/audit-exports";
import { named, planForValues, type Tx } from "@weft/platform/db";
import type { PersonKeyring } from "@weft/platform/privacy";
import { visibleInstances } from "@weft/platform/rights";
import { and, asc, eq, gt, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { entryColumns, type EntryRow } from "../../entries/audit-entry.columns.js";
import { openRows, visible } from "../../entries/visible-entries.js";
import { auditEntryNodes } from "../../entries/audit-entry.type.js";

const { auditEntries, checkpoints, seals } = audit;
const { apiKeys } = identity;
const previous = alias(seals, "previous");

/** Places of the chain that a statement looks at, so that its time does not depend on how rare the wanted entries are. */
const WINDOW = 5_000;
/** Entries that are in memory at once. Their images can be large. */
const PAGE = 200;

interface EntriesToRead {
  readonly viewer: Viewer;
  readonly keyring: PersonKeyring;
  readonly where: SQL | undefined;
  /** Places in the chain. */
  readonly after: number;
  readonly upTo: number;
}

export interface ReadEntries {
  readonly rows: readonly ExportedRow[];
  /** Place in the chain up to which nothing is left to read. */
  readonly sequence: number;
}

/** Whether a user reads and exports the entries of everybody. */
export const isForAll = (viewer: Viewer): boolean =>
  scopesOf(viewer, "audit.read").includes("TENANT") && scopesOf(viewer, "audit.export").includes("TENANT");

/**
 * Reads the next entries in the order of the chain, with what proves each of them, and with personal values as the viewer reads them. A seal whose entry is
 * gone is among them if the viewer reads all entries: nothing is known about it that could be matched with a filter.
 */
export async function readEntries(tx: Tx, { viewer, keyring, where, after, upTo }: EntriesToRead): Promise<ReadEntries> {
  await planForValues(tx);
  const end = Math.min(after + WINDOW, upTo);
  const isWanted = and(visible(viewer), visibleInstances(viewer, "audit.export", { ownerId: auditEntries.actorId }), where);
  const isGone = and(isNull(auditEntries.id), isForAll(viewer) ? undefined : sql`false`);
  const query = tx
    .select({
      // Every column of the table is null if the entry is gone.
      entry: entryColumns,
      stored: storedColumns,
      place: {
        sequence: seals.sequence,
        entryHash: seals.entryHash,
        hash: seals.hash,
        previousHash: previous.hash,
        checkpoint: checkpoints.signature,
      },
    })
    .from(seals)
    .leftJoin(auditEntries, and(eq(auditEntries.tenantId, seals.tenantId), eq(auditEntries.id, seals.entryId)))
    .leftJoin(apiKeys, and(eq(apiKeys.tenantId, auditEntries.tenantId), eq(apiKeys.id, auditEntries.sessionId)))
    .leftJoin(previous, and(eq(previous.tenantId, seals.tenantId), sql`${previous.sequence} = ${seals.sequence} - 1`))
    .leftJoin(checkpoints, and(eq(checkpoints.tenantId, seals.tenantId), eq(checkpoints.sequence, seals.sequence)))
    .where(and(gt(seals.sequence, after), lte(seals.sequence, end), or(isGone, isWanted)))
    .orderBy(asc(seals.sequence))
    .limit(PAGE);
  const found = await named("readEntriesToExport", query);
  const { tenantId } = viewer;
  const there = found.flatMap(({ entry }) => (entry.id === null ? [] : [entry as EntryRow]));
  const opened = new Map((await openRows(tx, keyring, tenantId, there)).map((row) => [row.id, row]));
  const rows = found.map(({ entry, stored, place }): ExportedRow => {
    const row = entry.id === null ? undefined : opened.get(entry.id);
    return {
      ...readable(row, stored.at),
      ...place,
      // The seal before it is missing. The hash of the place shows it to whoever verifies the file.
      previousHash: place.previousHash ?? (place.sequence === 1 ? genesisHash(tenantId) : ""),
      hashedText: row ? hashedText(tenantId, stored as StoredEntry) : null,
    };
  });
  return { rows, sequence: rows.length < PAGE ? end : (rows.at(-1)?.sequence ?? end) };
}

type Readable = Omit<ExportedRow, "sequence" | "hashedText" | "entryHash" | "previousHash" | "hash" | "checkpoint">;

function readable(row: EntryRow | undefined, at: string | null): Readable {
  if (row === undefined) return gone;
  const { id, action, summary, entityId, sessionId, apiKeyId, requestId, address, before, after } = auditEntryNodes.toNode(row);
  return {
    id,
    at,
    action: actionName(action),
    summary,
    entityType: entityTypeName(row.entityType),
    entityId,
    actorId: encodeId("user", row.actorId),
    onBehalfOfId: encodeIdOrNull("user", row.onBehalfOf),
    sessionId,
    apiKeyId,
    requestId,
    address,
    before,
    after,
  };
}

const gone: Readable = {
  id: null,
  at: null,
  action: null,
  summary: null,
  entityType: null,
  entityId: null,
  actorId: null,
  onBehalfOfId: null,
  sessionId: null,
  apiKeyId: null,
  requestId: null,
  address: null,
  before: null,
  after: null,
};
