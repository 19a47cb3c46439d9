import { workflows } from "@weft/drizzle";
import { among, appendEvents, grantObjectAccess, named, revokeObjectAccess, type Permission, type Tx, type WriteMeta } from "@weft/shared";
import { and, eq, inArray, sql } from "drizzle-orm";
import { assign } from "../core/assign.js";
import type { Machine } from "../core/machine.js";
import { actorOfMeta, type ViewerActor } from "./actor.js";
import { applyOutcome, assertVersion } from "./apply.js";
import { aboutTask, taskPayload } from "./events.js";
import { machineToMove } from "./incidents.js";
import { apiPrincipal, assertPrincipal, corePrincipal, principalOf, type AssigneePrincipal } from "./principal.js";
import { accepted } from "./rejection.js";
import { readInstance, snapshotOf, type InstanceHead, type OpenTask } from "./snapshot.js";

export type Assignment = {
  readonly id: string;
  /** null takes the assignment away. */
  readonly principal: AssigneePrincipal | null;
  /** What else a vendor must see with the instance and its business row: its building, its asset. */
  readonly objectIds?: readonly string[] | undefined;
  /** Of those, what a former vendor must no longer see. Not all: another of his requests may be about the same building. */
  readonly revokeObjectIds?: readonly string[] | undefined;
  readonly expectedVersion?: number | null | undefined;
  /** Given: the instance must be visible to him under `permission`. Absent: the caller has checked its own verb's right. */
  readonly actor?: ViewerActor | undefined;
  readonly permission?: Permission | undefined;
};

/**
 * Assigns an instance to a user, a team or a vendor. What a vendor's people may see changes in the same transaction, through `object_access`.
 * Errors: NOT_FOUND, BAD_USER_INPUT (no such principal), CONFLICT, TRANSITION_REJECTED (the instance is finished).
 */
export async function assignInstance(tx: Tx, meta: WriteMeta, assignment: Assignment): Promise<InstanceHead> {
  const { id, principal, actor, permission = "request.assign", expectedVersion } = assignment;
  const read = await readInstance(tx, id, { actor, permission });
  assertVersion(read.head, expectedVersion);
  if (principal) await assertPrincipal(tx, principal, `input.assignee.${principal.type.toLowerCase()}Id`);
  const machine = await machineToMove(tx, meta, read.head);
  const request = { to: corePrincipal(principal), actor: actor ?? actorOfMeta(meta), now: read.now };
  const outcome = accepted(assign(machine, snapshotOf(read.head, read.openTasks, read.suspension), request));
  const after = await applyOutcome(tx, meta, read, { machine, outcome, actor: request.actor });
  await moveAccess(tx, assignment, read.head);
  await offerTasks(tx, meta, machine, read.openTasks, after);
  return after;
}

async function moveAccess(tx: Tx, { principal, objectIds = [], revokeObjectIds = [] }: Assignment, before: InstanceHead): Promise<void> {
  const own = [before.id, ...(before.subjectId ? [before.subjectId] : [])];
  const former = before.assigneeVendorId;
  const next = principal?.type === "VENDOR" ? principal.id : null;
  if (former && former !== next) await revokeObjectAccess(tx, { objectIds: [...own, ...revokeObjectIds], vendorId: former });
  if (next) await grantObjectAccess(tx, { objectIds: [...own, ...objectIds], vendorId: next });
}

/** Open tasks that wait for the assignee wait for the new one; what the former one had claimed goes back to the queue. */
async function offerTasks(tx: Tx, meta: WriteMeta, machine: Machine, openTasks: readonly OpenTask[], after: InstanceHead): Promise<void> {
  const affected = openTasks.filter((task) => machine.tasks.get(task.rule)?.candidates.assignee).map((task) => task.id);
  if (affected.length === 0) return;
  const { tasks } = workflows;
  const to = apiPrincipal(principalOf(after));
  const ids = (type: AssigneePrincipal["type"]) => (to?.type === type ? [to.id] : []);
  const user = to?.type === "USER" ? to.id : null;
  const update = tx
    .update(tasks)
    .set({
      candidateUserIds: ids("USER"),
      candidateTeamIds: ids("TEAM"),
      candidateVendorIds: ids("VENDOR"),
      assigneeId: user,
      status: user ? "CLAIMED" : "OPEN",
      claimedAt: user ? after.updatedAt : null,
      delegatedFrom: [],
      version: sql`${tasks.version} + 1`,
    })
    .where(and(eq(tasks.instanceId, after.id), among(tasks.id, affected), inArray(tasks.status, ["OPEN", "CLAIMED"])))
    .returning();
  const offered = await named("offerTasks", update);
  const status = user ? "CLAIMED" : "OPEN";
  await appendEvents(
    tx,
    meta,
    offered.map((task) => ({
      type: user ? "task.claimed" : "task.opened",
      ...aboutTask(after, task.id, task.version),
      payload: taskPayload(after, { ...task, status }),
    })),
  );
}
