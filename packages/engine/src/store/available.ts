import { workflows } from "@weft/drizzle";
import { among, named, visibleTasks, type Computing, type Tx } from "@weft/shared";
import { and, eq, getTableColumns, inArray } from "drizzle-orm";
import type { Actor } from "../core/actor.js";
import { available, type AvailableTransition } from "../core/available.js";
import type { ViewerActor } from "./actor.js";
import { machinesOf } from "./machines.js";
import { paced } from "./paced.js";
import { readOpenTasks, snapshotOf, type InstanceHead } from "./snapshot.js";
import { actorsFor } from "./stand-ins.js";
import { readVotesBeside } from "./votes.js";

/**
 * What each instance's present state offers to the actor, by instance id: every transition of the state, with the reasons why not.
 * Two statements whatever the number of instances (one when all machines are cached). Others are served while it computes.
 * @param computing the budget of the operation that asks; absent: nobody's
 */
export async function availableFor(
  tx: Tx,
  heads: readonly InstanceHead[],
  actor: Actor,
  computing?: Computing,
): Promise<Map<string, readonly AvailableTransition[]>> {
  const first = heads[0];
  if (!first) return new Map();
  const machines = await machinesOf(
    tx,
    first.tenantId,
    heads.map((head) => head.definitionId),
    computing,
  );
  const { now, tasks } = await readOpenTasks(
    tx,
    heads.map((head) => head.id),
  );
  const offerOf = (head: InstanceHead): readonly [string, readonly AvailableTransition[]] => {
    const machine = machines.get(head.definitionId);
    return [head.id, machine ? available(machine, snapshotOf(head, tasks.get(head.id) ?? []), actor, now) : []];
  };
  return new Map(await (computing ? computing.forEach(heads, offerOf) : paced(heads, offerOf)));
}

/**
 * What completing each of the tasks may name, by task id: every transition of the state, with the reasons why not. Of tasks that are over, or that the
 * actor may not complete, nothing. At most five statements, whatever their number. Others are served while it computes.
 * @param computing the budget of the operation that asks; absent: nobody's
 */
export async function availableForTasks(
  tx: Tx,
  taskIds: readonly string[],
  actor: ViewerActor,
  computing?: Computing,
): Promise<Map<string, readonly AvailableTransition[]>> {
  const waiting = await selectWaiting(tx, taskIds, actor);
  if (waiting.length === 0) return new Map();
  const heads = waiting.map(({ head }) => head);
  const machines = await machinesOf(
    tx,
    actor.viewer.tenantId,
    heads.map(({ definitionId }) => definitionId),
    computing,
  );
  const { now, tasks } = await readOpenTasks(
    tx,
    heads.map(({ id }) => id),
  );
  const decided = waiting.filter(({ head }) => machines.get(head.definitionId)?.states.get(head.state)?.decide);
  const votes = await readVotesBeside(
    tx,
    decided.map(({ id }) => id),
  );
  const open = new Map([...tasks.values()].flatMap((all) => all.map((task) => [task.id, task] as const)));
  const actorFor = await actorsFor(
    tx,
    waiting.flatMap(({ id }) => open.get(id) ?? []),
    actor,
  );
  const offerOf = ({ id, head }: Waiting): readonly [string, readonly AvailableTransition[]] => {
    const machine = machines.get(head.definitionId);
    const task = open.get(id);
    const snapshot = { ...snapshotOf(head, tasks.get(head.id) ?? []), votes: votes.get(id) };
    return [id, machine && task ? available(machine, snapshot, actorFor(task), now, id) : []];
  };
  return new Map(await (computing ? computing.forEach(waiting, offerOf) : paced(waiting, offerOf)));
}

type Waiting = { readonly id: string; readonly head: InstanceHead };

function selectWaiting(tx: Tx, taskIds: readonly string[], { viewer }: ViewerActor): Promise<Waiting[]> {
  const { instances, tasks } = workflows;
  return named(
    "selectWaitingTasks",
    tx
      .select({ id: tasks.id, head: getTableColumns(instances) })
      .from(tasks)
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(tasks.id, taskIds), inArray(tasks.status, ["OPEN", "CLAIMED"]), visibleTasks(viewer, "task.complete"))),
  );
}
