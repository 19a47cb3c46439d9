import { type AccessValues, visibleInstances } from "@weft/platform/rights";
import { requests as tables, sla, workflows } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, mapDatabaseError, named, tablesOf, type Tx } from "@weft/platform/db";
import { type KeysetSlice, rankWithin } from "@weft/api/pages";
import type { Reading } from "@weft/api/row-nodes";
import { and, eq, inArray, lte, ne, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { requestColumns } from "./request.columns.js";
import { type Conditions, isOfRequest, onInstance, type RequestSource, sourceOf } from "./request.source.js";
import { isItsInstance } from "./request.instance.js";

const { requests, requestTypes } = tables;
const { instanceHeads } = workflows;
const { slaHeads, slaNext } = sla;

/** When the next target of a request's workflow is reached. An alias, so that requests without a running clock can have a time in its place. */
export const nextDue = alias(slaNext, "next_due");

// `offset 0` keeps a look-up per request: otherwise, the planner would first read all running clocks.
const hasRunningClock = sql`exists (select from ${slaHeads}
  where ${slaHeads.tenantId} = ${requests.tenantId} and ${slaHeads.instanceId} = ${requests.instanceId}
    and ${slaHeads.phase} = 'RUN' and ${slaHeads.endedAt} is null and ${slaHeads.dueAt} is not null offset 0)`;

/** Row type of this store's queries. */
export type RequestRow = Awaited<ReturnType<typeof selectRequests>>[number];
export type NewRequest = typeof requests.$inferInsert;

const isItsType = and(eq(requestTypes.tenantId, requests.tenantId), eq(requestTypes.id, requests.typeId));

/** Visibility of the aggregate: the scopes of the instance's access columns. Vendor users are restricted by row-level security. */
const visible = (viewer: Viewer, permission: Permission): SQL => visibleObjects("request", viewer, permission);

/** Selects requests with their types and instances. */
export const selectRequests = (tx: Tx) =>
  tx.select(requestColumns).from(requests).innerJoin(requestTypes, isItsType).innerJoin(instanceHeads, isItsInstance).$dynamic();

/** As `selectRequests`, with the columns of a reading. */
const selectPartly = (tx: Tx, { columns }: Reading<RequestRow>) =>
  tx.select(columns).from(requests).innerJoin(requestTypes, isItsType).innerJoin(instanceHeads, isItsInstance).$dynamic();

/** Returns those of the given IDs that the viewer can see, in any order. */
export const findRequests = (tx: Tx, viewer: Viewer, ids: readonly string[], permission: Permission): Promise<RequestRow[]> =>
  named("findRequests", selectRequests(tx).where(and(among(requests.id, ids), visible(viewer, permission))));

/** Returns what the operation needs of those of the given requests that the viewer can see, in any order. */
export async function readRequests(
  tx: Tx,
  viewer: Viewer,
  { ids, reading }: { readonly ids: readonly string[]; readonly reading: Reading<RequestRow> },
): Promise<RequestRow[]> {
  const query = selectPartly(tx, reading).where(and(among(requests.id, ids), visible(viewer, "request.read")));
  return reading.rows(await named("findRequests", query));
}

/** Returns a request that the caller has reached otherwise, without regard to the viewer's permissions. */
export async function selectRequest(tx: Tx, id: string): Promise<RequestRow | null> {
  const [row] = await named("selectRequest", selectRequests(tx).where(eq(requests.id, id)));
  return row ?? null;
}

export async function findRequest(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<RequestRow | null> {
  const [row] = await findRequests(tx, viewer, [id], permission);
  return row ?? null;
}

/** Returns the owner and the team of a request, whether or not the viewer can see it. Null if there is none. */
export async function findRequestAccess(tx: Tx, id: string): Promise<Pick<AccessValues, "ownerId" | "teamId"> | null> {
  const query = tx
    .select({ ownerId: instanceHeads.ownerId, teamId: instanceHeads.teamId })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .where(eq(requests.id, id));
  const [row] = await named("findRequestAccess", query);
  return row ?? null;
}

/** Selects the IDs of a page from only the tables that its conditions need. */
const pageFrom = {
  instances: (tx: Tx, conditions: Conditions, { orderBy, limit }: KeysetSlice) =>
    tx
      .select({ pageId: sql<string>`${instanceHeads.subjectId}`.as("page_id") })
      .from(instanceHeads)
      .where(and(isOfRequest, ...conditions.map((part) => onInstance(part))))
      .orderBy(...orderBy.map((part) => onInstance(part)))
      .limit(limit),
  requests: (tx: Tx, conditions: Conditions, { orderBy, limit }: KeysetSlice) => {
    const query = tx
      .select({ pageId: sql<string>`${requests.id}`.as("page_id") })
      .from(requests)
      .$dynamic();
    const joined = tablesOf(...conditions).has("request_types") ? query.innerJoin(requestTypes, isItsType) : query;
    return joined
      .where(and(...conditions))
      .orderBy(...orderBy)
      .limit(limit);
  },
} as const satisfies Partial<Record<RequestSource, unknown>>;

/** A slice of the requests that match the condition, and what is read of them. */
interface RequestSlice {
  readonly where: SQL | undefined;
  readonly slice: KeysetSlice;
  readonly reading: Reading<RequestRow>;
}

/** Returns a slice of the visible requests that match the condition. */
export async function listRequests(tx: Tx, viewer: Viewer, { where, slice, reading }: RequestSlice): Promise<RequestRow[]> {
  const conditions = [visible(viewer, "request.read"), where, slice.where];
  const source = sourceOf(viewer, [...conditions, ...slice.orderBy]);
  if (source === "both") {
    const query = selectPartly(tx, reading)
      .where(and(...conditions))
      .orderBy(...slice.orderBy)
      .limit(slice.limit);
    return reading.rows(await named("listRequests", query));
  }
  // Limited before anything is joined, so the plan does not depend on how many rows the joins are expected to return.
  const page = pageFrom[source](tx, conditions, slice).as("page");
  const query = selectPartly(tx, reading)
    .innerJoin(page, eq(page.pageId, requests.id))
    .orderBy(...slice.orderBy);
  return reading.rows(await named("listRequests", query));
}

const nextDueOfRequest = and(eq(nextDue.tenantId, requests.tenantId), eq(nextDue.instanceId, requests.instanceId));
const never = sql`(select 'infinity'::timestamptz as due_at) as next_due`;

/**
 * As `listRequests`, in the order of the next SLA target. Requests with a running clock are read in the order of the clocks, and the others, of which all
 * have the time "infinity", in the order of their IDs. Each part has an index for its order; a single statement would have to sort all requests. All
 * columns are read.
 */
export async function listRequestsByDue(tx: Tx, viewer: Viewer, { where, slice }: RequestSlice): Promise<RequestRow[]> {
  const seesWorkflow = visibleInstances(viewer, "workflow.read", instanceHeads);
  const parts = [
    (limit: number) =>
      named(
        "listRequestsByDue",
        tx
          .select({ ...requestColumns, slaDueAt: nextDue.dueAt })
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
          .select(requestColumns)
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

interface RequestsOfPlaces extends Omit<RequestSlice, "where"> {
  readonly place: typeof requests.buildingId | typeof requests.assetId;
  readonly placeIds: readonly string[];
}

/** Returns at most `slice.limit` visible requests of each building (or asset), in the slice's order. */
export async function listRequestsOfPlaces(
  tx: Tx,
  viewer: Viewer,
  { place, placeIds, slice, reading }: RequestsOfPlaces,
): Promise<RequestRow[]> {
  const ranked = tx
    .select({ id: requests.id, rank: rankWithin(place, slice) })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .where(and(among(place, placeIds), visible(viewer, "request.read"), slice.where))
    .as("ranked");
  const query = selectPartly(tx, reading)
    .innerJoin(ranked, eq(ranked.id, requests.id))
    .where(lte(ranked.rank, slice.limit))
    .orderBy(ranked.rank);
  return reading.rows(await named("listRequestsOfPlaces", query));
}

const counted = { value: sql<number>`count(*)::int` };
const each = { value: sql<number>`1` };

/** Selects the requests that match from only the tables that the conditions need. The others have one row per request. */
const matchingIn = {
  instances: (tx: Tx, conditions: Conditions, selected: typeof counted) =>
    tx
      .select(selected)
      .from(instanceHeads)
      .where(and(isOfRequest, ...conditions.map((part) => onInstance(part))))
      .$dynamic(),
  requests: (tx: Tx, conditions: Conditions, selected: typeof counted) => {
    const query = tx.select(selected).from(requests).$dynamic();
    const joined = tablesOf(...conditions).has("request_types") ? query.innerJoin(requestTypes, isItsType) : query;
    return joined.where(and(...conditions));
  },
  both: (tx: Tx, conditions: Conditions, selected: typeof counted) =>
    tx
      .select(selected)
      .from(requests)
      .innerJoin(requestTypes, isItsType)
      .innerJoin(instanceHeads, isItsInstance)
      .where(and(...conditions))
      .$dynamic(),
} as const satisfies Record<RequestSource, unknown>;

/** Returns the number of visible requests that match all conditions. */
export async function countRequests(tx: Tx, viewer: Viewer, ...where: readonly (SQL | undefined)[]): Promise<number> {
  const conditions = [visible(viewer, "request.read"), ...where];
  const count = matchingIn[sourceOf(viewer, conditions)];
  const [row] = await named("countRequests", count(tx, conditions, counted));
  return row?.value ?? 0;
}

/** Returns a statement that selects a row for each visible request that matches the condition, up to a limit. For counts of several lists at once. */
export function selectMatching(tx: Tx, viewer: Viewer, where: SQL | undefined, limit: number): SQL {
  const conditions = [visible(viewer, "request.read"), where];
  return matchingIn[sourceOf(viewer, conditions)](tx, conditions, each).limit(limit).getSQL();
}

export async function insertRequest(tx: Tx, row: NewRequest): Promise<void> {
  await named("insertRequest", tx.insert(requests).values(row)).catch(toDeletedAsset);
}

/** The asset was read before by the same transaction, but was deleted since. */
function toDeletedAsset(error: unknown): never {
  const message = "The asset was deleted. Choose another one.";
  throw mapDatabaseError(error, { requests_asset_exists: () => new BadUserInput([{ path: "input.assetId", message }]) });
}

/** Updates the request's building, asset and space, and increments its own version. */
export async function updateRequestPlace(
  tx: Tx,
  id: string,
  place: Partial<Pick<NewRequest, "buildingId" | "assetId" | "spaceId">>,
  updatedAt: string,
): Promise<void> {
  const changes = { ...place, updatedAt, version: sql`${requests.version} + 1` };
  await named("updateRequestPlace", tx.update(requests).set(changes).where(eq(requests.id, id))).catch(toDeletedAsset);
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
