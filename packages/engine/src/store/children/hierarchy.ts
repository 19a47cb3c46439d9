/**
 * Child instances: writes what concerns more than one instance: children that start, children that end, and a parent whose child has ended.
 * All of it is one transaction. Locks are taken from the root downwards, so transactions do not deadlock.
 * Parents are told after everything else is written, so a join sees all of its children and fires once.
 * This module never decides when a join fires: the core does.
 */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { stepOfRule } from "../../core/automation/child-runs.js";
import { childEnded } from "../../core/children/ended.js";
import { cancel } from "../../core/instance/cancel.js";
import { definitionIncident, type NewIncident } from "../../core/model/incident.js";
import type { Machine } from "../../core/model/machine.js";
import { MAX_AUTOMATIC, incidentOutcome, fireAutomatic } from "../../core/automatic/fire-automatic.js";
import { snapshotAfter } from "../../core/outcome/snapshot-after.js";
import type { Actor } from "../../core/model/actor.js";
import type { ChildToStart, Outcome } from "../../core/model/outcome.js";
import type { FinalKind, Snapshot } from "../../core/model/snapshot.js";
import { withoutVendorScope } from "../model/without-vendor-scope.js";
import { lockAncestors, lockRunningChildren, readChildren, selectHeads } from "./children.js";
import { latestOf } from "../model/latest-of.js";
import { findMachine, machinesOf } from "../definition/machines.js";
import { planWrites } from "../outcome/plan.js";
import type { InstanceWrite } from "../outcome/instance-write.js";
import { accepted } from "../model/rejection.js";
import { readInstance, readOpenTasks, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { sealSecretInputs } from "../run-rules/secrets.js";
import { wakeStep } from "./wake-step.js";
import { prepareChildren, type NewChild, type Refusal, type Starter } from "./start.js";
import { keepClocks, type ClockChange } from "../sla/keep.js";
import { applyWrites } from "../outcome/write.js";
import { inCalendars } from "../calendar/calendars.js";

type Outcomes = readonly [Outcome, ...Outcome[]];
type HierarchyRead = InstanceRead & { readonly isNew?: boolean };

/** One decided outcome. */
export type HierarchyWrite = {
  readonly read: HierarchyRead;
  readonly machine: Machine | null;
  readonly outcomes: Outcomes;
  readonly actor: Actor;
};

/** Whether more than the instance itself must be written. Costs nothing for instances with neither children nor a parent. */
export function affectsHierarchy({ parentId }: InstanceHead, outcomes: Outcomes): boolean {
  return (
    (parentId !== null && outcomes.some(({ outcome }) => outcome !== null)) ||
    outcomes.some(({ startChildren, cancelsChildren }) => startChildren.length > 0 || cancelsChildren)
  );
}

/** State of one call of `writeHierarchy`. */
type Hierarchy = {
  readonly tx: Tx;
  readonly meta: WriteMeta;
  readonly actor: Actor;
  readonly now: string;
  readonly locked: Set<string>;
  /** The rows as this transaction has left them. */
  readonly heads: Map<string, InstanceHead>;
  /** Children whose parents have not been told of their end yet. */
  readonly ended: { readonly child: InstanceHead; readonly ending: FinalKind }[];
  /** Number of times that a join of an instance has fired: in one transaction, it either loops forever or not at all. */
  readonly joins: Map<string, number>;
} & Starter;

/** Writes the outcome and everything that follows from it in its hierarchy. Returns the final row of the instance. */
export async function writeHierarchy(tx: Tx, meta: WriteMeta, first: HierarchyWrite): Promise<InstanceHead> {
  const { actor, read, outcomes } = first;
  const hierarchy = newHierarchy(tx, meta, { actor, now: outcomes[0].at });
  await withoutVendorScope(tx, async () => {
    await planAndWrite(hierarchy, first);
    await tellParents(hierarchy);
  });
  const after = hierarchy.heads.get(read.head.id);
  if (!after) throw new Error("a write in a hierarchy returned no row");
  return after;
}

const newHierarchy = (tx: Tx, meta: WriteMeta, { actor, now, secrets }: Pick<Hierarchy, "actor" | "now" | "secrets">): Hierarchy => ({
  tx,
  meta,
  actor,
  now,
  secrets,
  locked: new Set(),
  heads: new Map(),
  ended: [],
  joins: new Map(),
  definitions: new Map(),
  started: 0,
  room: null,
});

async function tellParents(hierarchy: Hierarchy): Promise<void> {
  for (let next = hierarchy.ended.shift(); next; next = hierarchy.ended.shift()) await tellParent(hierarchy, next);
}

/** A child that a step of the parent starts. The parent's row is as it was when it entered the state of the run. */
export type StepChild = Pick<Hierarchy, "actor" | "now" | "secrets"> & { readonly parent: InstanceHead; readonly start: ChildToStart };

/** Starts a child for a step of an instance whose locks, and those of its ancestors, the caller holds. Returns its row, or why it cannot start. */
export async function startStepChild(
  tx: Tx,
  meta: WriteMeta,
  { parent, start, actor, now, secrets }: StepChild,
): Promise<{ readonly child: InstanceHead } | { readonly refusal: Refusal }> {
  const starter = newHierarchy(tx, meta, { actor, now, secrets });
  for (const id of [...parent.ancestors, parent.id]) starter.locked.add(id);
  const prepared = await prepareChildren(tx, starter, { parent, starts: [start], replaces: false, now });
  if ("refusal" in prepared) return prepared;
  // Only the inputs of this child are sealed below. What it starts itself gets its values from data that is stored.
  const hierarchy = { ...starter, secrets: undefined };
  await startChildren(hierarchy, prepared.children);
  for (const { blank, secretInputs: values } of prepared.children)
    if (secrets && Object.keys(values).length > 0)
      await sealSecretInputs(tx, { secrets, tenantId: meta.tenantId }, { instanceId: blank.id, values });
  await tellParents(hierarchy);
  const child = hierarchy.heads.get(prepared.children[0]?.blank.id ?? "");
  if (!child) throw new Error("the start of a child returned no row");
  return { child };
}

type Decided = Omit<HierarchyWrite, "actor">;

/** An outcome whose children are known: everything that could reject a child has been checked. */
type Ready = Decided & { readonly children: readonly NewChild[] };

const planAndWrite = async (hierarchy: Hierarchy, decided: Decided): Promise<void> => write(hierarchy, await makeReady(hierarchy, decided));

async function makeReady(hierarchy: Hierarchy, { read, machine, outcomes }: Decided): Promise<Ready> {
  const { head } = read;
  const starts = outcomes.flatMap(({ startChildren }) => startChildren);
  await lock(hierarchy, [...head.ancestors, ...(starts.length > 0 && !read.isNew ? [head.id] : [])]);
  const replaces = outcomes.some(({ cancelsChildren }) => cancelsChildren);
  const prepared = await prepareChildren(hierarchy.tx, hierarchy, {
    parent: headOf(read, outcomes),
    starts,
    replaces,
    now: outcomes[0].at,
  });
  if ("children" in prepared) return { read, machine, outcomes, children: prepared.children };
  const { state } = headOf(read, outcomes);
  const message = `${prepared.refusal.message} None was started.`.slice(0, 2000);
  const incident: NewIncident = { kind: "CHILDREN", message, place: `states.${state}.children` };
  return { read, machine, outcomes: withIncident(hierarchy, read, outcomes, incident), children: [] };
}

async function write(hierarchy: Hierarchy, { read, machine, outcomes, children }: Ready): Promise<void> {
  const { tx, meta } = hierarchy;
  const { writes, after } = await planWrites(tx, meta, read, outcomes, machine?.index ?? []);
  await applyWrites(tx, meta, writes);
  await keepClocks(tx, meta, { ...read, machine, outcomes, writes });
  noteWritten(hierarchy, after, outcomes);
  if (outcomes.some(({ cancelsChildren }) => cancelsChildren)) await cancelChildren(hierarchy, after.id);
  await startChildren(hierarchy, children);
}

function noteWritten({ heads, locked, ended }: Hierarchy, after: InstanceHead, outcomes: Outcomes): void {
  heads.set(after.id, after);
  locked.add(after.id);
  const ending = endingOf(outcomes);
  if (ending && after.parentId !== null) ended.push({ child: after, ending });
}

const endingOf = (outcomes: Outcomes): FinalKind | null => outcomes.find(({ outcome }) => outcome !== null)?.outcome ?? null;

/** What the children reference of their parent: the version and state of the entry that starts them. */
function headOf({ head }: HierarchyRead, outcomes: Outcomes): InstanceHead {
  const entry = outcomes.find(({ startChildren }) => startChildren.length > 0);
  return entry ? { ...head, state: entry.to, version: entry.version.to } : head;
}

async function lock({ tx, locked }: Hierarchy, ids: readonly string[]): Promise<void> {
  const open = ids.filter((id) => !locked.has(id));
  if (open.length === 0) return;
  await lockAncestors(tx, open);
  for (const id of open) locked.add(id);
}

/** The children cannot be started: the outcome stands, none of them is started, and the instance waits for a user. */
function withIncident(
  { actor }: Hierarchy,
  { head, openTasks, suspension }: HierarchyRead,
  outcomes: Outcomes,
  incident: NewIncident,
): Outcomes {
  const childless = outcomes.map((outcome) => ({ ...outcome, startChildren: [] })) as unknown as Outcomes;
  const last = childless.reduce(snapshotAfter, snapshotOf(head, openTasks, suspension));
  return last.status === "RUNNING" ? [...childless, incidentOutcome(last, incident, { actor, now: outcomes[0].at })] : childless;
}

/** Ends the running children, and theirs. The parent's row has been written, so nothing can add to them. */
async function cancelChildren(hierarchy: Hierarchy, parentId: string): Promise<void> {
  const { tx, meta, actor, now } = hierarchy;
  const ids = await lockRunningChildren(tx, parentId);
  if (ids.length === 0) return;
  const heads = await selectHeads(tx, ids);
  const { tasks } = await readOpenTasks(tx, ids);
  const machines = await machinesOf(tx, meta.tenantId, [...new Set(heads.map(({ definitionId }) => definitionId))]);
  const cancelled = heads.map((head) => {
    const openTasks = tasks.get(head.id) ?? [];
    const machine = machines.get(head.definitionId) ?? null;
    const at = latestOf(now, head.updatedAt);
    const outcome: Outcome = { ...accepted(cancel(machine, snapshotOf(head, openTasks), { actor, now: at })), isAutomatic: true };
    return { read: { head, openTasks, now: at }, machine, outcomes: [outcome] as const };
  });
  await writeTogether(hierarchy, cancelled);
  for (const { read, outcomes } of cancelled) if (outcomes[0].cancelsChildren) await cancelChildren(hierarchy, read.head.id);
}

/** Writes outcomes that neither start nor end anything else, many with one statement. */
async function writeTogether(hierarchy: Hierarchy, decided: readonly Decided[]): Promise<void> {
  const { tx, meta } = hierarchy;
  const writes: InstanceWrite[] = [];
  const changes: ClockChange[] = [];
  for (const { read, machine, outcomes } of decided) {
    const planned = await planWrites(tx, meta, read, outcomes, machine?.index ?? []);
    writes.push(...planned.writes);
    changes.push({ ...read, machine, outcomes, writes: planned.writes });
    hierarchy.heads.set(read.head.id, planned.after);
  }
  await writeAll(hierarchy, writes);
  for (const one of changes) await keepClocks(tx, meta, one);
}

/**
 * Writes one change of each of many instances, and everything that follows from it in their hierarchies. The caller holds the locks of the instances and
 * of their ancestors. Returns the rows afterwards, by ID.
 */
export async function writeChanges(
  tx: Tx,
  meta: WriteMeta,
  { decided, actor, now }: { readonly decided: readonly Decided[]; readonly actor: Actor; readonly now: string },
): Promise<ReadonlyMap<string, InstanceHead>> {
  const hierarchy = newHierarchy(tx, meta, { actor, now, secrets: undefined });
  for (const { read } of decided) for (const id of [...read.head.ancestors, read.head.id]) hierarchy.locked.add(id);
  const affecting = decided.filter(({ read, outcomes }) => affectsHierarchy(read.head, outcomes));
  await writeTogether(
    hierarchy,
    decided.filter((one) => !affecting.includes(one)),
  );
  for (const one of affecting) await planAndWrite(hierarchy, one);
  await tellParents(hierarchy);
  return hierarchy.heads;
}

/** Children that start no children themselves are written together. */
async function startChildren(hierarchy: Hierarchy, children: readonly NewChild[]): Promise<void> {
  const { tx, meta, now } = hierarchy;
  const parents: Ready[] = [];
  const writes: InstanceWrite[] = [];
  const changes: ClockChange[] = [];
  for (const { blank, machine, outcomes } of children) {
    const ready = await makeReady(hierarchy, { read: { head: blank, openTasks: [], now, isNew: true }, machine, outcomes });
    if (ready.children.length > 0) parents.push(ready);
    else {
      const planned = await planWrites(tx, meta, ready.read, ready.outcomes, machine.index);
      writes.push(...planned.writes);
      changes.push({ ...ready.read, machine, outcomes: ready.outcomes, writes: planned.writes });
      noteWritten(hierarchy, planned.after, ready.outcomes);
    }
  }
  await writeAll(hierarchy, writes);
  for (const one of changes) await keepClocks(tx, meta, one);
  for (const ready of parents) await write(hierarchy, ready);
}

/** Maximum number of writes of a hierarchy in one statement: each contains its instance's data several times. */
const AT_ONCE = 20;

async function writeAll({ tx, meta }: Hierarchy, writes: readonly InstanceWrite[]): Promise<void> {
  for (let at = 0; at < writes.length; at += AT_ONCE) {
    const [first, ...others] = writes.slice(at, at + AT_ONCE);
    if (first) await applyWrites(tx, meta, [first, ...others]);
  }
}

/** A parent that has left the state in the meantime, or has ended, is not told. */
async function tellParent(hierarchy: Hierarchy, { child, ending }: Hierarchy["ended"][number]): Promise<void> {
  const { tx, meta, actor } = hierarchy;
  const { parentId, parentRule, childIndex } = child;
  hierarchy.room = null;
  if (parentId === null || parentRule === null || childIndex === null) return;
  const started = stepOfRule(parentRule);
  if (started)
    return wakeStep(tx, { instanceId: parentId, instanceVersion: child.parentVersion ?? 0, ...started, attempt: childIndex + 1 });
  const read = await readInstance(tx, parentId, { permission: "workflow.read" });
  if (read.head.finishedAt !== null) return;
  const now = latestOf(hierarchy.now, read.head.updatedAt);
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  const outcome = childEnded(snapshot, { rule: parentRule, index: childIndex, ending, actor, now });
  const machine = await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head);
  if (!machine) {
    const unreadable = incidentOutcome(snapshotAfter(snapshot, outcome), definitionIncident([]), { actor, now });
    return planAndWrite(hierarchy, { read, machine, outcomes: snapshot.status === "RUNNING" ? [outcome, unreadable] : [outcome] });
  }
  const children = await readChildren(tx, machine, read.head);
  if (!children?.some(({ id }) => id === child.id)) return;
  const before = { ...snapshot, children };
  const outcomes = fireAutomatic(machine, before, outcome, actor);
  return planAndWrite(hierarchy, {
    read,
    machine,
    outcomes: isLoop(hierarchy, parentId, outcomes) ? [outcome, loopOf(hierarchy, before, outcome)] : outcomes,
  });
}

function isLoop({ joins }: Hierarchy, id: string, outcomes: Outcomes): boolean {
  if (outcomes.length === 1) return false;
  const fired = (joins.get(id) ?? 0) + 1;
  joins.set(id, fired);
  return fired > MAX_AUTOMATIC;
}

function loopOf({ actor }: Hierarchy, before: Snapshot, outcome: Outcome): Outcome {
  const message = `Children that end immediately would be started forever (${MAX_AUTOMATIC} times so far). The instance stays in "${before.state}".`;
  const incident: NewIncident = { kind: "LOOP", message, place: `states.${before.state}.children` };
  return incidentOutcome(snapshotAfter(before, outcome), incident, { actor, now: outcome.at });
}
