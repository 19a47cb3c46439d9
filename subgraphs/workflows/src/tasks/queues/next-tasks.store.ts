import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
import type { Viewer } from "@weft/shared/viewer";
import { isCandidate, isOwnVote, offersTo, visibleOffers, visibleTasks } from "@weft/platform/access";
import { named, type Tx } from "@weft/platform/db";
import { and, asc, eq, getTableColumns, isNull, or, sql, type SQL } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import { isAmongOffered, waits } from "./offered.js";

const { instances, tasks } = workflows;

const isRunning = eq(instances.status, "RUNNING");
const longestFirst = [asc(tasks.createdAt), asc(tasks.id)];

/** Enough to continue with; the queue lists all of them. */
export const MAX_NEXT = 10;

/**
 * Returns the viewer's next tasks: first tasks of this instance, then tasks the viewer has claimed, then tasks offered to the viewer, each oldest
 * first. One statement with three parts, because each part can stop at its limit. A combined condition would sort all rows.
 */
export async function selectNextTasks(tx: Tx, viewer: Viewer, instanceId: string): Promise<TaskRow[]> {
  const mine = eq(tasks.assigneeId, viewer.userId);
  const isFree = and(isNull(tasks.assigneeId), isRunning, isOwnVote(viewer));
  const here = and(eq(tasks.instanceId, instanceId), or(mine, and(isCandidate(viewer), isFree)));
  const offered = isAmongOffered(
    {
      where: and(visibleTasks(viewer, "task.read"), isFree),
      offered: {
        offer: offersTo(viewer),
        where: [visibleOffers(viewer, "task.read"), isNull(tasks.assigneeId), isRunning, isOwnVote(viewer)],
      },
    },
    { where: undefined, bounds: [], orderBy: longestFirst, walk: "ASC", limit: MAX_NEXT },
  );
  const rows = await named("selectNextTasks", unionAll(part(tx, viewer, 1, here), part(tx, viewer, 2, mine), part(tx, viewer, 3, offered)));
  const ordered = rows.toSorted((a, b) => a.rank - b.rank);
  return [...new Map(ordered.toReversed().map(({ rank: _rank, ...row }) => [row.id, row])).values()].toReversed().slice(0, MAX_NEXT);
}

function part(tx: Tx, viewer: Viewer, rank: number, where: SQL | undefined) {
  return tx
    .select({ ...getTableColumns(tasks), rank: sql<number>`${sql.raw(String(rank))}`.mapWith(Number).as("rank") })
    .from(tasks)
    .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
    .where(and(where, waits, isRunning, visibleTasks(viewer, "task.read")))
    .orderBy(...longestFirst)
    .limit(MAX_NEXT);
}
