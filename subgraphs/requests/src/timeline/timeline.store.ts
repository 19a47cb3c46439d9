import { requests as tables, workflows } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleObjects } from "@weft/platform/access";
import { among, named, type Tx } from "@weft/platform/db";
import type { KeysetSlice, Order } from "@weft/api/pages";
import { and, count, eq, getViewSelectedFields, sql } from "drizzle-orm";
import { entry, timelineOf } from "./timeline.branches.js";
import { isItsInstance } from "../requests/request.instance.js";

const { requests } = tables;
const { instanceHeads } = workflows;

export type TimelineRow = typeof entry.$inferSelect & { readonly requestId: string };

/** By time. What was written together is in the order of the workflow's versions. */
export const timelineOrder: Order<TimelineRow> = {
  name: "AT",
  direction: "DESC",
  column: entry.place,
  valueOf: (row) => row.place,
  thenBy: { column: entry.step, valueOf: (row) => String(row.step) },
};

export const timelineId = { column: entry.id, valueOf: (row: TimelineRow) => row.id };

/** As expressions, because drizzle accepts columns only of tables that it joins itself. */
const selected = Object.fromEntries(
  Object.entries(getViewSelectedFields(entry)).map(([name, column]) => [name, sql`${column}`.mapWith(column)]),
);

/** Returns at most `slice.limit` readable entries of each visible request, in the slice's order. */
export async function listTimelines(
  tx: Tx,
  viewer: Viewer,
  requestIds: readonly string[],
  { kinds, slice }: { readonly kinds: readonly string[] | null; readonly slice: KeysetSlice },
): Promise<TimelineRow[]> {
  const entries = timelineOf(viewer, kinds, slice);
  if (entries === undefined) return [];
  const query = tx
    .select({ requestId: requests.id, ...selected })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .innerJoin(sql`lateral (${entries}) as entry`, sql`true`)
    .where(and(among(requests.id, requestIds), visibleObjects("request", viewer, "request.read")))
    .orderBy(...slice.orderBy);
  return (await named("listTimelines", query)) as TimelineRow[];
}

export async function countTimeline(tx: Tx, viewer: Viewer, requestId: string, kinds: readonly string[] | null): Promise<number> {
  const entries = timelineOf(viewer, kinds, null);
  if (entries === undefined) return 0;
  const query = tx
    .select({ count: count() })
    .from(requests)
    .innerJoin(instanceHeads, isItsInstance)
    .innerJoin(sql`lateral (${entries}) as entry`, sql`true`)
    .where(and(eq(requests.id, requestId), visibleObjects("request", viewer, "request.read")));
  const [row] = await named("countTimeline", query);
  return row?.count ?? 0;
}
