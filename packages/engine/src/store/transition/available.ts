import { workflows } from "@weft/drizzle";
import { visibleTasks } from "@weft/platform/access";
import type { Computing } from "@weft/platform/computing";
import { among, named, type Tx } from "@weft/platform/db";
import { and, eq, inArray } from "drizzle-orm";
import type { Actor } from "../../core/model/actor.js";
import { available, type AvailableTransition } from "../../core/transition/available.js";
import type { ViewerActor } from "../model/actor.js";
import { allInCalendars } from "../calendar/calendars.js";
import { machinesOf } from "../definition/machines.js";
import { mapYielding } from "../model/map-yielding.js";
import { readOpenTasks, snapshotOf } from "../model/snapshot.js";
import { headColumns, type InstanceHead } from "../model/instance-head.js";
import { roleNamesIn } from "../authorization/role-names.js";
import { actorsFor } from "../authorization/substitutes.js";
import { readVotesBeside } from "../votes/votes.js";
import { readBlockers } from "./blockers.js";

/**
 * Returns the transitions of each instance's current state for the actor, by instance ID: every transition of the state, with the reasons why it
 * cannot be fired. At most four statements, whatever the number of instances (one if all machines are cached, no request can end, and no role
 * is missing). Other requests are served while it computes.
 * @param computing budget of the calling operation; absent: none
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
  const bound = await allInCalendars(tx, heads, machines);
  const blockers = await readBlockers(tx, heads, ({ id }) => bound.get(id));
  const offerOf = (head: InstanceHead): Offer => {
    const machine = bound.get(head.id);
    const snapshot = { ...snapshotOf(head, tasks.get(head.id) ?? []), blockers: blockers.get(head.id) };
    return [head.id, machine ? available(machine, snapshot, actor, now) : []];
  };
  return inWords(tx, await (computing ? computing.forEach(heads, offerOf) : mapYielding(heads, offerOf)));
}

/**
 * Returns the transitions that completing each of the tasks can name, by task ID: every transition of the state, with the reasons why it cannot be
 * fired. Nothing for tasks that are closed, or that the actor cannot complete. At most seven statements, whatever their number. Other requests are
 * served while it computes.
 * @param computing budget of the calling operation; absent: none
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
  const bound = await allInCalendars(tx, heads, machines);
  const blockers = await readBlockers(tx, heads, ({ id }) => bound.get(id));
  const offerOf = ({ id, head }: Waiting): Offer => {
    const machine = bound.get(head.id);
    const task = open.get(id);
    const snapshot = { ...snapshotOf(head, tasks.get(head.id) ?? []), votes: votes.get(id), blockers: blockers.get(head.id) };
    return [id, machine && task ? available(machine, snapshot, actorFor(task), now, id) : []];
  };
  return inWords(tx, await (computing ? computing.forEach(waiting, offerOf) : mapYielding(waiting, offerOf)));
}

type Offer = readonly [string, readonly AvailableTransition[]];

/** Names the roles in the reasons, with one statement for all of them. */
async function inWords(tx: Tx, offers: readonly Offer[]): Promise<Map<string, readonly AvailableTransition[]>> {
  const reasons = offers.flatMap(([, transitions]) => transitions.flatMap((one) => one.reasons));
  const withNames = await roleNamesIn(tx, reasons);
  return new Map(offers.map(([id, transitions]) => [id, transitions.map((one) => ({ ...one, reasons: one.reasons.map(withNames) }))]));
}

type Waiting = { readonly id: string; readonly head: InstanceHead };

function selectWaiting(tx: Tx, taskIds: readonly string[], { viewer }: ViewerActor): Promise<Waiting[]> {
  const { instances, tasks } = workflows;
  return named(
    "selectWaitingTasks",
    tx
      .select({ id: tasks.id, head: headColumns })
      .from(tasks)
      .innerJoin(instances, and(eq(instances.tenantId, tasks.tenantId), eq(instances.id, tasks.instanceId)))
      .where(and(among(tasks.id, taskIds), inArray(tasks.status, ["OPEN", "CLAIMED"]), visibleTasks(viewer, "task.complete"))),
  );
}
