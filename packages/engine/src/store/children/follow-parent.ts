/**
 * Suspends the children that the steps of a suspended instance wait for, and theirs, and resumes them with it. What a user has suspended stays so. All of
 * it is one transaction, which holds the locks of the parent and its ancestors, so that nothing below a suspended instance begins after its suspension.
 */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import { resume, suspend } from "../../core/instance/intervene.js";
import type { Actor } from "../../core/model/actor.js";
import type { Machine } from "../../core/model/machine.js";
import type { Outcome } from "../../core/model/outcome.js";
import { inCalendars } from "../calendar/calendars.js";
import { machinesOf } from "../definition/machines.js";
import type { InstanceHead } from "../model/instance-head.js";
import { latestOf } from "../model/latest-of.js";
import { accepted } from "../model/rejection.js";
import { readOpenTasks, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import { lockAwaitedChildren, readChildren, selectHeads, selectSuspendedWithParent } from "./children.js";
import { writeChanges } from "./hierarchy.js";

const REASON = "The instance that waits for it was suspended.";

export type Following = {
  /** The row after the change. */
  readonly parent: InstanceHead;
  readonly before: InstanceHead;
  readonly actor: Actor;
};

/** Suspends what the steps of an instance wait for. An instance with an incident waits for a user anyway, but what it waits for is suspended. */
export const suspendWithParent = (tx: Tx, meta: WriteMeta, { parent, actor }: Following): Promise<void> =>
  withoutVendorScope(tx, async () => {
    for (let parents = [parent.id]; parents.length > 0;) {
      const children = await selectHeads(tx, await lockAwaitedChildren(tx, parents));
      const open = children.filter(({ status }) => status !== "SUSPENDED");
      await suspendAll(tx, meta, { heads: open.filter(({ status }) => status === "RUNNING"), actor, now: parent.updatedAt });
      parents = open.map(({ id }) => id);
    }
  });

type Changing = { readonly heads: readonly InstanceHead[]; readonly actor: Actor; readonly now: string };

/** Suspends running children, whose locks, and those of their ancestors, the caller holds. */
export async function suspendAll(tx: Tx, meta: WriteMeta, { heads, actor, now }: Changing): Promise<void> {
  if (heads.length === 0) return;
  const decided = (await readAll(tx, heads, now)).map((read) => {
    const outcome = accepted(suspend(snapshotOf(read.head, read.openTasks), { actor, comment: REASON, now: read.now }));
    return { read, machine: null, outcomes: [{ ...outcome, isAutomatic: true }] as const };
  });
  await writeChanges(tx, meta, { decided, actor, now });
}

/** Resumes what was suspended with an instance. If the resumption has led it to another state, its run stops, and what its steps wait for is canceled. */
export const resumeWithParent = (tx: Tx, meta: WriteMeta, { parent, before, actor }: Following): Promise<void> =>
  withoutVendorScope(tx, async () => {
    for (let parents = goesOn(before, parent) ? [parent.id] : []; parents.length > 0;) {
      const children = await selectHeads(tx, await lockAwaitedChildren(tx, parents));
      const suspended = children.filter(({ status }) => status === "SUSPENDED");
      const withParent =
        suspended.length > 0
          ? await selectSuspendedWithParent(
              tx,
              suspended.map(({ id }) => id),
            )
          : new Set<string>();
      const heads = suspended.filter(({ id }) => withParent.has(id));
      const after = await resumeAll(tx, meta, { heads, actor, now: parent.updatedAt });
      const others = children.filter(({ status }) => status !== "SUSPENDED");
      parents = [...others, ...heads.filter((head) => goesOn(head, after.get(head.id) ?? head))].map(({ id }) => id);
    }
  });

/** Whether the steps of the instance go on. */
const goesOn = (before: InstanceHead, after: InstanceHead): boolean => after.finishedAt === null && after.state === before.state;

async function resumeAll(tx: Tx, meta: WriteMeta, { heads, actor, now }: Changing): Promise<ReadonlyMap<string, InstanceHead>> {
  if (heads.length === 0) return new Map();
  const machines = await machinesOf(tx, meta.tenantId, [...new Set(heads.map(({ definitionId }) => definitionId))]);
  const decided = [];
  for (const read of await readAll(tx, heads, now)) {
    const machine = await inCalendars(tx, machines.get(read.head.definitionId) ?? null, read.head);
    decided.push({ read, machine, outcomes: await resumed(tx, read, { machine, actor }) });
  }
  return writeChanges(tx, meta, { decided, actor, now });
}

/** The resumption, and the automatic transitions that have waited for it. */
async function resumed(
  tx: Tx,
  read: InstanceRead,
  { machine, actor }: { readonly machine: Machine | null; readonly actor: Actor },
): Promise<readonly [Outcome, ...Outcome[]]> {
  const { head, openTasks, now } = read;
  const snapshot = snapshotOf(head, openTasks);
  const outcome: Outcome = { ...accepted(resume(snapshot, { actor, comment: null, now })), isAutomatic: true };
  if (!machine) return [outcome];
  return fireAutomatic(machine, { ...snapshot, children: await readChildren(tx, machine, head) }, outcome, actor);
}

async function readAll(tx: Tx, heads: readonly InstanceHead[], now: string): Promise<InstanceRead[]> {
  const ids = heads.map(({ id }) => id);
  const { tasks } = await readOpenTasks(tx, ids);
  return heads.map((head) => ({ head, openTasks: tasks.get(head.id) ?? [], now: latestOf(now, head.updatedAt) }));
}
