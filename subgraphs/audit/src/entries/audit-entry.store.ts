import { audit, identity } from "@weft/drizzle";
import { named, openImages, type PersonKeyring, planForValues, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, desc, eq, sql, type SQL } from "drizzle-orm";

const { auditEntries, seals } = audit;
const { apiKeys } = identity;

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
  // Named: in a subquery, it would be a second column "id".
  apiKeyId: sql<string | null>`${apiKeys.id}`.as("api_key_id"),
};

export type EntryRow = Omit<typeof auditEntries.$inferSelect, "tenantId"> & {
  readonly sequence: number | null;
  /** The API key in place of the session. */
  readonly apiKeyId: string | null;
};

/** An entry whose personal values are decrypted, or `[erased]`. */
export type OpenedEntry = EntryRow;

/** Viewers who can read the audit see the tenant's entries; with scope OWN, only those of their own actions. */
export const visible = (viewer: Viewer): SQL => visibleInstances(viewer, "audit.read", { ownerId: auditEntries.actorId });

const selectEntries = (tx: Tx) =>
  tx
    .select(columns)
    .from(auditEntries)
    .leftJoin(seals, and(eq(seals.tenantId, auditEntries.tenantId), eq(seals.entryId, auditEntries.id)))
    .leftJoin(apiKeys, and(eq(apiKeys.tenantId, auditEntries.tenantId), eq(apiKeys.id, auditEntries.sessionId)))
    .$dynamic();

/**
 * Returns a slice of the entries, with personal values decrypted.
 *
 * With a condition, the statement is planned for its values: a rare action is found by its index, a frequent one by age.
 */
export async function findEntries(
  tx: Tx,
  keyring: PersonKeyring,
  viewer: Viewer,
  { where, orderBy, limit }: { where: SQL | undefined; orderBy: readonly SQL[]; limit: number },
): Promise<OpenedEntry[]> {
  if (where !== undefined) await planForValues(tx);
  const rows = await named(
    "findEntries",
    selectEntries(tx)
      .where(and(visible(viewer), where))
      .orderBy(...orderBy)
      .limit(limit),
  );
  return openRows(tx, keyring, viewer.tenantId, rows);
}

/** Returns the first entries of several entities, in one statement regardless of their number. */
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
