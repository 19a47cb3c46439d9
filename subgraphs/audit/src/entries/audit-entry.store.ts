import { audit } from "@weft/drizzle";
import { named, openImages, type PersonKeyring, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, desc, eq, sql, type SQL } from "drizzle-orm";

const { auditEntries, seals } = audit;

const columns = {
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
  sequence: seals.sequence,
};

export type EntryRow = Omit<typeof auditEntries.$inferSelect, "tenantId"> & { readonly sequence: number | null };

/** An entry whose personal values are in plain, or `[erased]`. */
export type OpenedEntry = EntryRow;

/** Whoever may read the audit sees the tenant's entries; with scope OWN, what he did himself. */
export const visible = (viewer: Viewer): SQL => visibleInstances(viewer, "audit.read", { ownerId: auditEntries.actorId });

const selectEntries = (tx: Tx) =>
  tx
    .select(columns)
    .from(auditEntries)
    .leftJoin(seals, and(eq(seals.tenantId, auditEntries.tenantId), eq(seals.entryId, auditEntries.id)))
    .$dynamic();

/** A slice of the entries, personal values opened. */
export async function findEntries(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { where, orderBy, limit }: { where: SQL | undefined; orderBy: readonly SQL[]; limit: number },
): Promise<OpenedEntry[]> {
  const rows = await named(
    "findEntries",
    selectEntries(tx)
      .where(and(visible(viewer), where))
      .orderBy(...orderBy)
      .limit(limit),
  );
  return openRows(tx, keyring, viewer.tenantId, rows);
}

/** The first entries of several entities at once, in one statement however many entities. */
export async function findTrails(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { entityIds, orderBy, limit }: { entityIds: readonly string[]; orderBy: readonly SQL[]; limit: number },
): Promise<Map<string, OpenedEntry[]>> {
  const trail = selectEntries(tx)
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
  const opened = await openRows(
    tx,
    keyring,
    viewer.tenantId,
    rows.map((row) => row.trail),
  );
  return Map.groupBy(opened, ({ entityId }) => entityId);
}

export const countEntries = (tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> =>
  tx.$count(auditEntries, and(visible(viewer), where));

/** How many entries each entity has. */
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

/** Newest first: ids grow with time. */
export const newestFirst: readonly SQL[] = [desc(auditEntries.id)];

async function openRows(tx: Tx, keyring: PersonKeyring, tenantId: string, rows: readonly EntryRow[]): Promise<OpenedEntry[]> {
  const images = rows.flatMap(({ entityType, before, after, address }) => [
    { type: entityType, image: before },
    { type: entityType, image: after },
    { type: "audit.entries", image: { address } },
  ]);
  const opened = (await openImages(tx, keyring, tenantId, images)).values();
  const next = (): Record<string, unknown> | null => opened.next().value ?? null;
  return rows.map((row) => {
    const [before, after, other] = [next(), next(), next()];
    return { ...row, before, after, address: (other?.["address"] as string | null | undefined) ?? null };
  });
}
