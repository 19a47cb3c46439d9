import { audit, identity } from "@weft/drizzle";
import { encodeId, encodeIdOrNull } from "@weft/shared/ids";
import { reachesAll, type Viewer } from "@weft/shared/viewer";
import { actionName, hashedText, genesisHash, type StoredEntry, storedColumns } from "@weft/platform/audit";
import { entityTypeName, type ExportedRow } from "@weft/platform/audit-exports";
import { named, planForValues, type Tx } from "@weft/platform/db";
import type { PersonKeyring } from "@weft/platform/privacy";
import { visibleInstances } from "@weft/platform/rights";
import { and, asc, eq, gt, inArray, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { entryColumns, type EntryRow } from "../../entries/audit-entry.columns.js";
import { openRows, visible } from "../../entries/visible-entries.js";
import { auditEntryNodes } from "../../entries/audit-entry.type.js";

const { auditEntries, checkpoints, seals } = audit;
const { apiKeys } = identity;
const previous = alias(seals, "previous");

/** Places of the chain that a statement looks at, so that its time does not depend on how rare the wanted entries are. */
const WINDOW = 5_000;
/** Entries that are in memory at once. */
const PAGE = 200;
/** Stored bytes of their images, which PostgreSQL compresses to a fraction. The last image can exceed it. */
const PAGE_BYTES = 2_000_000;

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

/** Whether a user reads and exports the entries of everybody. Somebody to whom some of them are denied does not. */
export const isForAll = (viewer: Viewer): boolean => reachesAll(viewer, "audit.read") && reachesAll(viewer, "audit.export");

/**
 * Reads the next entries in the order of the chain, with what proves each of them, and with personal values as the viewer reads them. A seal whose entry is
 * gone is among them if the viewer reads all entries: nothing is known about it that could be matched with a filter.
 */
export async function readEntries(tx: Tx, toRead: EntriesToRead): Promise<ReadEntries> {
  await planForValues(tx);
  const { viewer, keyring, where, after } = toRead;
  const end = Math.min(after + WINDOW, toRead.upTo);
  const isWanted = and(visible(viewer), visibleInstances(viewer, "audit.export", { ownerId: auditEntries.actorId }), where);
  const isGone = and(isNull(auditEntries.id), isForAll(viewer) ? undefined : sql`false`);
  const places = await findPlaces(tx, { after, end, where: or(isGone, isWanted) });
  const page = pageOf(places);
  const isLast = page.length === places.length && places.length < PAGE;
  const rows = page.length === 0 ? [] : await readPage(tx, { tenantId: viewer.tenantId, keyring }, page);
  return { rows, sequence: isLast ? end : (page.at(-1)?.sequence ?? end) };
}

/** Reads the next entries of a chain, some of them, for somebody who gets all: also those that are gone. */
export async function readChain(
  tx: Tx,
  { tenantId, keyring, after, upTo }: Pick<EntriesToRead, "keyring" | "after" | "upTo"> & { readonly tenantId: string },
): Promise<readonly ExportedRow[]> {
  await planForValues(tx);
  const places = await findPlaces(tx, { after, end: upTo, where: undefined });
  const page = pageOf(places);
  return page.length === 0 ? [] : readPage(tx, { tenantId, keyring }, page);
}

interface Place {
  readonly sequence: number;
  /** Bytes of the images as they are stored. */
  readonly bytes: number;
}

/** Returns the first places whose entries fit into the memory, at least one. */
function pageOf(places: readonly Place[]): readonly Place[] {
  let bytes = 0;
  const tooLarge = places.findIndex((place) => (bytes += place.bytes) > PAGE_BYTES);
  return tooLarge === -1 ? places : places.slice(0, tooLarge + 1);
}

/** Finds the next entries, without reading their images. */
function findPlaces(
  tx: Tx,
  { after, end, where }: { readonly after: number; readonly end: number; readonly where: SQL | undefined },
): Promise<Place[]> {
  const query = tx
    .select({
      sequence: seals.sequence,
      bytes: sql<number>`coalesce(pg_column_size(${auditEntries.before}), 0) + coalesce(pg_column_size(${auditEntries.after}), 0)`,
    })
    .from(seals)
    .leftJoin(auditEntries, and(eq(auditEntries.tenantId, seals.tenantId), eq(auditEntries.id, seals.entryId)))
    // A filter can be about the key of an entry.
    .leftJoin(apiKeys, and(eq(apiKeys.tenantId, auditEntries.tenantId), eq(apiKeys.id, auditEntries.sessionId)))
    .where(and(gt(seals.sequence, after), lte(seals.sequence, end), where))
    .orderBy(asc(seals.sequence))
    .limit(PAGE);
  return named("findEntriesToExport", query);
}

async function readPage(
  tx: Tx,
  { tenantId, keyring }: { readonly tenantId: string; readonly keyring: PersonKeyring },
  page: readonly Place[],
): Promise<ExportedRow[]> {
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
    .where(
      inArray(
        seals.sequence,
        page.map(({ sequence }) => sequence),
      ),
    )
    .orderBy(asc(seals.sequence));
  const found = await named("readEntriesToExport", query);
  const there = found.flatMap(({ entry }) => (entry.id === null ? [] : [entry as EntryRow]));
  const opened = new Map((await openRows(tx, keyring, tenantId, there)).map((row) => [row.id, row]));
  return found.map(({ entry, stored, place }): ExportedRow => {
    const row = entry.id === null ? undefined : opened.get(entry.id);
    return {
      ...readable(row, stored.at),
      ...place,
      // The seal before it is missing. The hash of the place shows it to whoever verifies the file.
      previousHash: place.previousHash ?? (place.sequence === 1 ? genesisHash(tenantId) : ""),
      hashedText: row ? hashedText(tenantId, stored as StoredEntry) : null,
    };
  });
}

type Readable = Omit<ExportedRow, "sequence" | "hashedText" | "entryHash" | "previousHash" | "hash" | "checkpoint">;

function readable(row: EntryRow | undefined, at: string | null): Readable {
  if (row === undefined) return gone;
  const entry = auditEntryNodes.toNode(row);
  const { id, action, summary, entityId, sessionId, apiKeyId, requestId, address, clientName, clientVersion, userAgent, before, after } =
    entry;
  const { class: kind, outcome, code, operation, count, firstAt, lastAt } = entry;
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
    class: kind,
    outcome,
    code,
    operation,
    count,
    firstAt,
    lastAt,
    address,
    clientName,
    clientVersion,
    userAgent,
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
  class: null,
  outcome: null,
  code: null,
  operation: null,
  count: null,
  firstAt: null,
  lastAt: null,
  address: null,
  clientName: null,
  clientVersion: null,
  userAgent: null,
  before: null,
  after: null,
};
