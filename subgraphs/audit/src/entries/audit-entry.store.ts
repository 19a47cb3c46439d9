import { audit, identity } from "@weft/drizzle";
import { named, openImages, type PersonKeyring, planForValues, type Reading, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, desc, eq, sql, type SQL } from "drizzle-orm";
import type { EntryRow, OpenedEntry } from "./audit-entry.columns.js";

const { auditEntries, seals } = audit;
const { apiKeys } = identity;

/** Viewers who can read the audit see the tenant's entries; with scope OWN, only those of their own actions. */
export const visible = (viewer: Viewer): SQL => visibleInstances(viewer, "audit.read", { ownerId: auditEntries.actorId });

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

/** Returns the first entries of several entities, in one statement regardless of their number. `reading` has the ID of the entity. */
export async function findTrails(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { entityIds, orderBy, limit, reading }: EntriesToRead & { readonly entityIds: readonly string[] },
): Promise<Map<string, OpenedEntry[]>> {
  const trail = selectEntries(tx, reading)
    .where(and(visible(viewer), eq(auditEntries.entityId, sql`wanted.id`)))
    .orderBy(...orderBy)
    .limit(limit)
    .as("trail");
  const rows = await named(
    "findTrails",
    tx
      .select()
      .from(sql`unnest(${sql.param([...entityIds])}::uuid[]) as wanted(id)`)
      .crossJoinLateral(trail),
  );
  const found = reading.rows(rows.map((row) => row.trail));
  const opened = await openRows(tx, keyring, viewer.tenantId, found);
  return Map.groupBy(opened, ({ entityId }) => entityId);
}

export const countEntries = (tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> =>
  tx.$count(auditEntries, and(visible(viewer), where));

/** Returns the number of entries of each entity. */
export async function countTrails(tx: Tx, viewer: Viewer, entityIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await named(
    "countTrails",
    tx
      .select({ entityId: auditEntries.entityId, count: sql<string>`count(*)` })
      .from(auditEntries)
      .where(and(visible(viewer), sql`${auditEntries.entityId} = any(${sql.param([...entityIds])}::uuid[])`))
      .groupBy(auditEntries.entityId),
  );
  return new Map(rows.map(({ entityId, count }) => [entityId, Number(count)]));
}

/** Newest first: IDs increase with time. */
export const newestFirst: readonly SQL[] = [desc(auditEntries.id)];

/** Columns with personal values. Decrypting them needs the keys of the persons, so it is not done for those that were not read. */
const sealedColumns = ["before", "after", "address"] as const;

/** Decrypts the rows in place: a copy would lose the columns that were not read, which throw. */
async function openRows(tx: Tx, keyring: PersonKeyring, tenantId: string, rows: EntryRow[]): Promise<OpenedEntry[]> {
  const sealed = rows.flatMap((row) => sealedColumns.filter((name) => Object.hasOwn(row, name)).map((name) => ({ row, name })));
  const images = sealed.map(({ row, name }) =>
    name === "address" ? { type: "audit.entries", image: { address: row.address } } : { type: row.entityType, image: row[name] },
  );
  const opened = await openImages(tx, keyring, tenantId, images);
  for (const [index, { row, name }] of sealed.entries()) {
    const image = opened[index] ?? null;
    if (name === "address") row.address = (image?.["address"] as string | null | undefined) ?? null;
    else row[name] = image;
  }
  return rows;
}
