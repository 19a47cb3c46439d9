import { requests as tables, workflows } from "@weft/drizzle";
import { type KeysetSlice, type Permission, type Tx, type Viewer, visibleInstances } from "@weft/shared";
import { and, count, eq, getTableColumns, inArray, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { rankWithin } from "../nested-rows.js";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;

/** A request with the head of its instance, which holds its state, fields, owner and assignee. */
export const requestColumns = {
  ...getTableColumns(requests),
  typeKey: requestTypes.key,
  submitTransition: requestTypes.submitTransition,
  cancelTransition: requestTypes.cancelTransition,
  state: instanceHeads.state,
  status: instanceHeads.status,
  data: instanceHeads.data,
  instanceVersion: instanceHeads.version,
  ownerId: instanceHeads.ownerId,
  assigneeUserId: instanceHeads.assigneeUserId,
  assigneeTeamId: instanceHeads.assigneeTeamId,
  assigneeVendorId: instanceHeads.assigneeVendorId,
  movedAt: instanceHeads.updatedAt,
};

/** What `selectRequests` reads. */
export type RequestRow = Awaited<ReturnType<ReturnType<typeof selectRequests>["execute"]>>[number];
export type NewRequest = typeof requests.$inferInsert;

/** The aggregate's visibility: the scopes of the instance's access columns. Vendor users are narrowed by row-level security. */
export const visible = (viewer: Viewer, permission: Permission): SQL => visibleInstances(viewer, permission, instanceHeads);

/** Requests joined to their type and instance. Tables and view are under row-level security: only the tenant's rows are there. */
export const selectRequests = (tx: Tx) =>
  tx
    .select(requestColumns)
    .from(requests)
    .innerJoin(requestTypes, and(eq(requestTypes.tenantId, requests.tenantId), eq(requestTypes.id, requests.typeId)))
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .$dynamic();

/** The visible ones of the given ids, in any order. */
export const findRequests = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission): Promise<RequestRow[]> =>
  selectRequests(tx).where(and(inArray(requests.id, [...ids]), visible(viewer, permission)));

export async function findRequest(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<RequestRow | null> {
  const [row] = await findRequests(tx, viewer, [id], permission);
  return row ?? null;
}

export async function insertRequest(tx: Tx, row: NewRequest): Promise<void> {
  await tx.insert(requests).values(row);
}

/** Sets where the request is about, and its own version. */
export async function updateRequestPlace(
  tx: Tx,
  id: string,
  place: { buildingId?: string | null; assetId?: string | null },
  updatedAt: string,
): Promise<void> {
  await tx
    .update(requests)
    .set({ ...place, updatedAt, version: sql`${requests.version} + 1` })
    .where(eq(requests.id, id));
}

/** Of the buildings and assets given, those that no other request of the vendor is about: what he need no longer see without this request. */
export async function findPlacesOfNoOther(tx: Tx, vendorId: string, requestId: string, placeIds: readonly string[]): Promise<string[]> {
  if (placeIds.length === 0) return [];
  const others = await tx
    .select({ buildingId: requests.buildingId, assetId: requests.assetId })
    .from(requests)
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(
      and(
        eq(instanceHeads.assigneeVendorId, vendorId),
        ne(requests.id, requestId),
        or(inArray(requests.buildingId, [...placeIds]), inArray(requests.assetId, [...placeIds])),
      ),
    );
  const needed = new Set(others.flatMap(({ buildingId, assetId }) => [buildingId, assetId]));
  return placeIds.filter((id) => !needed.has(id));
}

/** At most `slice.limit` visible requests of each building (or asset), in the slice's order. */
export function requestsOfPlaces(tx: Tx, viewer: Viewer, place: typeof requests.buildingId | typeof requests.assetId, placeIds: readonly string[], slice: KeysetSlice): Promise<RequestRow[]> {
  const ranked = tx
    .select({ id: requests.id, rank: rankWithin(place, slice) })
    .from(requests)
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(and(inArray(place, [...placeIds]), visible(viewer, "request.read"), slice.where))
    .as("ranked");
  return selectRequests(tx).innerJoin(ranked, eq(ranked.id, requests.id)).where(lte(ranked.rank, slice.limit)).orderBy(ranked.rank);
}

/** How many visible requests the condition picks out. */
export async function countRequests(tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> {
  const [row] = await tx
    .select({ count: count() })
    .from(requests)
    .innerJoin(requestTypes, and(eq(requestTypes.tenantId, requests.tenantId), eq(requestTypes.id, requests.typeId)))
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(and(visible(viewer, "request.read"), where));
  return row?.count ?? 0;
}
