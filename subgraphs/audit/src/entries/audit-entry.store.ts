import { audit, identity, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { named, planForValues, type Tx } from "@weft/platform/db";
import type { PersonKeyring } from "@weft/platform/privacy";
import type { Direction } from "@weft/api/pages";
import type { Reading } from "@weft/api/row-nodes";
import { and, desc, eq, sql, type SQL } from "drizzle-orm";
import type { EntryRow, OpenedEntry } from "./audit-entry.columns.js";
import { openRows, visible } from "./visible-entries.js";

const { auditEntries, seals } = audit;
const { apiKeys } = identity;
const { instanceHeads } = workflows;

const selectEntries = (tx: Tx, { columns }: Reading<EntryRow>) =>
  tx
    .select(columns)
    .from(auditEntries)
    .leftJoin(seals, and(eq(seals.tenantId, auditEntries.tenantId), eq(seals.entryId, auditEntries.id)))
    .leftJoin(apiKeys, and(eq(apiKeys.tenantId, auditEntries.tenantId), eq(apiKeys.id, auditEntries.sessionId)))
    .$dynamic();

/** In which order entries are read, how many, and what of them. */
interface EntriesToRead {
  readonly orderBy: readonly SQL[];
  readonly limit: number;
  readonly reading: Reading<EntryRow>;
}

/**
 * Returns a slice of the entries, with personal values decrypted.
 *
 * With a condition, the statement is planned for its values: a rare action is found by its index, a frequent one by age.
 */
export async function findEntries(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { where, orderBy, limit, reading }: EntriesToRead & { readonly where: SQL | undefined },
): Promise<OpenedEntry[]> {
  if (where !== undefined) await planForValues(tx);
  const rows = await named(
    "findEntries",
    selectEntries(tx, reading)
      .where(and(visible(viewer), where))
      .orderBy(...orderBy)
      .limit(limit),
  );
  return openRows(tx, keyring, viewer.tenantId, reading.rows(rows));
}

const wantedObjects = (entityIds: readonly string[]): SQL => sql`unnest(${sql.param([...entityIds])}::uuid[]) as wanted(id)`;

/** Parts of the trail of a wanted object: the object, and the workflows about it. */
const partsOfTrail = sql`(
    select wanted.id union all select ${instanceHeads.id} from ${instanceHeads}
     where ${instanceHeads.tenantId} = app.tenant() and ${instanceHeads.subjectId} = wanted.id) as part(id)`;

interface TrailsToRead extends EntriesToRead {
  readonly entityIds: readonly string[];
  readonly where: SQL | undefined;
  /** Direction of `orderBy`, which orders by the ID. */
  readonly walk: Direction;
}

/**
 * Returns the first entries of the trails of several objects, in one statement regardless of their number. A trail has the entries about the object and
 * those about its workflows. Each part is read from the index in the order of the trail, up to the limit, and the parts of an object are merged in the
 * database: an asset can have a thousand workflows, and their entries contain images.
 */
export async function findTrails(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { entityIds, where, orderBy, walk, limit, reading }: TrailsToRead,
): Promise<Map<string, OpenedEntry[]>> {
  const part = selectEntries(tx, { ...reading, columns: { ...reading.columns, wantedId: sql<string>`wanted.id`.as("wanted_id") } })
    .where(and(visible(viewer), eq(auditEntries.entityId, sql`part.id`), where))
    .orderBy(...orderBy)
    .limit(limit)
    .as("entry");
  const byAge = sql`entry.id`;
  const trail = tx
    .select()
    .from(partsOfTrail)
    .crossJoinLateral(part)
    .orderBy(walk === "ASC" ? byAge : desc(byAge))
    .limit(limit)
    .as("trail");
  const rows = await named("findTrails", tx.select().from(wantedObjects(entityIds)).crossJoinLateral(trail));
  // The statement promises no order among the rows that it returns.
  const merged = rows
    .map(({ trail: { entry } }) => entry as typeof entry & { readonly id: string; readonly wantedId: string })
    .toSorted((a, b) => (a.id < b.id === (walk === "ASC") ? -1 : 1));
  const trails = Map.groupBy(merged, ({ wantedId }) => wantedId);
  const found = [...trails].map(([entityId, entries]) => [entityId, reading.rows(entries)] as const);
  await openRows(
    tx,
    keyring,
    viewer.tenantId,
    found.flatMap(([, entries]) => entries),
  );
  return new Map(found);
}

export const countEntries = (tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> =>
  tx.$count(auditEntries, and(visible(viewer), where));

/** Returns the number of entries of each trail. */
export async function countTrails(tx: Tx, viewer: Viewer, entityIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await named(
    "countTrails",
    tx
      .select({ entityId: sql<string>`wanted.id`, count: sql<string>`count(*)` })
      .from(sql`${wantedObjects(entityIds)} cross join lateral ${partsOfTrail}`)
      .innerJoin(auditEntries, and(visible(viewer), eq(auditEntries.entityId, sql`part.id`)))
      .groupBy(sql`wanted.id`),
  );
  return new Map(rows.map(({ entityId, count }) => [entityId, Number(count)]));
}

/** Newest first: IDs increase with time. */
export const newestFirst: readonly SQL[] = [desc(auditEntries.id)];
