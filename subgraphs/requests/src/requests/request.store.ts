import { requests as tables, sla, workflows } from "@weft/drizzle";
import {
  among,
  type KeysetSlice,
  named,
  type Permission,
  type Tx,
  type Viewer,
  visibleInstances,
  visibleObjects,
  rankWithin,
} from "@weft/shared";
import { and, count, eq, getTableColumns, inArray, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;
const { slaHeads, slaNext } = sla;

/** When the next target of a request's workflow is reached. An alias, so that requests without a running clock can have a time in its place. */
export const nextDue = alias(slaNext, "next_due");

/** Columns of a request and of the head of its instance, which contains its state, fields, owner and assignee. */
const columns = {
  ...getTableColumns(requests),
  typeKey: requestTypes.key,
  typeFields: requestTypes.fields,
  submitTransition: requestTypes.submitTransition,
  route: requestTypes.route,
  cancelTransition: requestTypes.cancelTransition,
  closeTransition: requestTypes.closeTransition,
  reopenTransition: requestTypes.reopenTransition,
  state: instanceHeads.state,
  status: instanceHeads.status,
  data: instanceHeads.data,
  instanceVersion: instanceHeads.version,
  ownerId: instanceHeads.ownerId,
  assigneeUserId: instanceHeads.assigneeUserId,
  assigneeTeamId: instanceHeads.assigneeTeamId,
  assigneeVendorId: instanceHeads.assigneeVendorId,
  transitionedAt: instanceHeads.updatedAt,
  startedAt: instanceHeads.createdAt,
  /** Only in lists by this time. */
  slaDueAt: sql<string | null>`null::timestamptz`.as("sla_due_at"),
};

// `offset 0` keeps a look-up per request: otherwise, the planner would first read all running clocks.
const hasRunningClock = sql`exists (select from ${slaHeads}
  where ${slaHeads.tenantId} = ${requests.tenantId} and ${slaHeads.instanceId} = ${requests.instanceId}
    and ${slaHeads.phase} = 'RUN' and ${slaHeads.endedAt} is null and ${slaHeads.dueAt} is not null offset 0)`;

/** Row type of this store's queries. */
export type RequestRow = Awaited<ReturnType<typeof selectRequests>>[number];
export type NewRequest = typeof requests.$inferInsert;

const isItsType = and(eq(requestTypes.tenantId, requests.tenantId), eq(requestTypes.id, requests.typeId));
const isItsInstance = and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId));

/** Visibility of the aggregate: the scopes of the instance's access columns. Vendor users are restricted by row-level security. */
const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("request", viewer, permission);

const selectRequests = (tx: Tx) =>
  tx.select(columns).from(requests).innerJoin(requestTypes, isItsType).innerJoin(instanceHeads, isItsInstance).$dynamic();

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findRequests = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission): Promise<RequestRow[]> =>
  named("findRequests", selectRequests(tx).where(and(among(requests.id, ids), visible(viewer, permission))));

export async function findRequest(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<RequestRow | null> {
  const [row] = await findRequests(tx, viewer, [id], permission);
  return row ?? null;
}

/** Returns a slice of the visible requests that match the condition. */
export const listRequests = (tx: Tx, viewer: Viewer, where: SQL | undefined, slice: KeysetSlice): Promise<RequestRow[]> =>
  named(
    "listRequests",
    selectRequests(tx)
      .where(and(visible(viewer, "request.read"), where, slice.where))
      .orderBy(...slice.orderBy)
      .limit(slice.limit),
  );

const nextDueOfRequest = and(eq(nextDue.tenantId, requests.tenantId), eq(nextDue.instanceId, requests.instanceId));
const never = sql`(select 'infinity'::timestamptz as due_at) as next_due`;

/**
 * As `listRequests`, in the order of the next SLA target. Requests with a running clock are read in the order of the clocks, and the others, of which all
 * have the time "infinity", in the order of their IDs. Each part has an index for its order; a single statement would have to sort all requests.
 */
export async function listRequestsByDue(tx: Tx, viewer: Viewer, where: SQL | undefined, slice: KeysetSlice): Promise<RequestRow[]> {
  const seesWorkflow = visibleInstances(viewer, "workflow.read", instanceHeads);
  const parts = [
    (limit: number) =>
      named(
        "listRequestsByDue",
        tx
          .select({ ...columns, slaDueAt: nextDue.dueAt })
          .from(requests)
          .innerJoin(requestTypes, isItsType)
          .innerJoin(instanceHeads, isItsInstance)
          .innerJoin(nextDue, nextDueOfRequest)
          .where(and(visible(viewer, "request.read"), seesWorkflow, where, slice.where))
          .orderBy(...slice.orderBy)
          .limit(limit),
      ),
    (limit: number) =>
      named(
        "listRequestsWithoutDue",
        tx
          .select(columns)
          .from(requests)
          .innerJoin(requestTypes, isItsType)
          .innerJoin(instanceHeads, isItsInstance)
          .innerJoin(never, sql`true`)
          .where(and(visible(viewer, "request.read"), sql`(${seesWorkflow} and ${hasRunningClock}) is not true`, where, slice.where))
          .orderBy(...slice.orderBy)
          .limit(limit),
      ),
  ];
  const rows: RequestRow[] = [];
  for (const read of slice.walk === "ASC" ? parts : parts.toReversed())
    if (rows.length < slice.limit) rows.push(...(await read(slice.limit - rows.length)));
  return rows;
}

/** Returns at most `slice.limit` visible requests of each building (or asset), in the slice's order. */
export function listRequestsOfPlaces(
  tx: Tx,
  viewer: Viewer,
  place: typeof requests.buildingId | typeof requests.assetId,
  placeIds: readonly string[],
  slice: KeysetSlice,
): Promise<RequestRow[]> {
  const ranked = tx
    .select({ id: requests.id, rank: rankWithin(place, slice) })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(among(place, placeIds), visible(viewer, "request.read"), slice.where))
    .as("ranked");
  return named(
    "listRequestsOfPlaces",
    selectRequests(tx).innerJoin(ranked, eq(ranked.id, requests.id)).where(lte(ranked.rank, slice.limit)).orderBy(ranked.rank),
  );
}

/** Returns the number of visible requests that match the condition. */
export async function countRequests(tx: Tx, viewer: Viewer, where: SQL | undefined): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(requests)
    .innerJoin(requestTypes, isItsType)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(visible(viewer, "request.read"), where));
  const [row] = await named("countRequests", query);
  return row?.count ?? 0;
}

export async function insertRequest(tx: Tx, row: NewRequest): Promise<void> {
  await named("insertRequest", tx.insert(requests).values(row));
}

/** Updates the request's building and asset, and increments its own version. */
export async function updateRequestPlace(
  tx: Tx,
  id: string,
  place: { buildingId?: string | null; assetId?: string | null },
  updatedAt: string,
): Promise<void> {
  const changes = { ...place, updatedAt, version: sql`${requests.version} + 1` };
  await named("updateRequestPlace", tx.update(requests).set(changes).where(eq(requests.id, id)));
}

/**
 * Returns those of the given buildings and assets that no other request of the vendor is about. Without this request, the vendor no longer needs to
 * see them.
 */
export async function findPlacesOfNoOther(tx: Tx, vendorId: string, requestId: string, placeIds: readonly string[]): Promise<string[]> {
  if (placeIds.length === 0) return [];
  const isAboutThem = or(inArray(requests.buildingId, [...placeIds]), inArray(requests.assetId, [...placeIds]));
  const query = tx
    .select({ buildingId: requests.buildingId, assetId: requests.assetId })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(eq(instanceHeads.assigneeVendorId, vendorId), ne(requests.id, requestId), isAboutThem));
  const others = await named("findPlacesOfNoOther", query);
  const needed = new Set(others.flatMap(({ buildingId, assetId }) => [buildingId, assetId]));
  return placeIds.filter((id) => !needed.has(id));
}
