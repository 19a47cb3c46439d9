import { workflows } from "@weft/drizzle";
import type { TaskRow } from "@weft/engine";
import { isCandidate, isOwnVote, named, offersTo, visibleOffers, visibleTasks, type Tx, type Viewer } from "@weft/shared";
import { and, asc, eq, getTableColumns, isNull, or, sql, type SQL } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import { isAmongOffered, waits } from "./offered.js";

const { instances, tasks } = workflows;

const isRunning = eq(instances.status, "RUNNING");
const longestFirst = [asc(tasks.createdAt), asc(tasks.id)];

/** Enough to go on with; the queue has them all. */
export const MAX_NEXT = 10;

/**
 * What is the viewer's next: first tasks of this instance, then what he has claimed, then what is offered to him, of each what waits longest first. One
 * statement of three parts, because each can end at its limit: together they would be sorted as a whole.
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
    { where: undefined, orderBy: longestFirst, limit: MAX_NEXT },
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
