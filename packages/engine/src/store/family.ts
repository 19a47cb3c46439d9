/**
 * Moves that concern more than their own instance: they start children, end them, or end a child, which its parent hears of. All of it is one transaction.
 * Locks are taken from the root downwards, so nobody waits in a circle; of a child's end and its cancellation one wins, by the version; and ends are told to
 * the parents one after the other once everything else is written, so a join sees all of its children and fires once.
 */
import type { Tx, WriteMeta } from "@weft/shared";
import { childEnded } from "../core/child-ended.js";
import { cancel } from "../core/cancel.js";
import { definitionIncident, type NewIncident } from "../core/incident.js";
import type { Machine } from "../core/machine.js";
import { MAX_AUTOMATIC, incidentOutcome, settle } from "../core/settle.js";
import { snapshotAfter } from "../core/snapshot-after.js";
import type { Actor } from "../core/actor.js";
import type { Outcome } from "../core/outcome.js";
import type { FinalKind, Snapshot } from "../core/snapshot.js";
import { asStaff } from "./as-staff.js";
import { lockAncestors, lockRunningChildren, readChildren, selectHeads } from "./children.js";
import { later } from "./later.js";
import { findMachine, machinesOf } from "./machines.js";
import { planChain, type Move } from "./move.js";
import { accepted } from "./rejection.js";
import { readInstance, readOpenTasks, snapshotOf, type InstanceHead, type InstanceRead } from "./snapshot.js";
import { prepareChildren, type NewChild, type Starter } from "./start-children.js";
import { writeMoves } from "./write-moves.js";

type Outcomes = readonly [Outcome, ...Outcome[]];
type FamilyRead = InstanceRead & { readonly isNew?: boolean };

/** One move, decided upon. */
export type FamilyMove = {
  readonly read: FamilyRead;
  readonly machine: Machine | null;
  readonly outcomes: Outcomes;
  readonly actor: Actor;
};

/** Whether more than the instance itself has to be written. Costs nothing for what has neither children nor a parent. */
export function concernsFamily({ parentId }: InstanceHead, outcomes: Outcomes): boolean {
  return (
    (parentId !== null && outcomes.some(({ outcome }) => outcome !== null)) ||
    outcomes.some(({ startChildren, cancelsChildren }) => startChildren.length > 0 || cancelsChildren)
  );
}

/** What one call of `moveInFamily` is about. */
type Family = {
  readonly tx: Tx;
  readonly meta: WriteMeta;
  readonly actor: Actor;
  readonly now: string;
  readonly locked: Set<string>;
  /** The rows as this transaction has left them. */
  readonly heads: Map<string, InstanceHead>;
  /** Children whose end their parents have not heard of. */
  readonly ended: { readonly child: InstanceHead; readonly ending: FinalKind }[];
  /** How often a join of an instance has fired: in one transaction that goes on for ever or not at all. */
  readonly joins: Map<string, number>;
} & Starter;

/** Writes the move and everything that it leads to in its family; gives the instance's row at the end of it. */
export async function moveInFamily(tx: Tx, meta: WriteMeta, first: FamilyMove): Promise<InstanceHead> {
  const { actor, read, outcomes } = first;
  const now = outcomes[0].at;
  const family: Family = {
    tx,
    meta,
    actor,
    now,
    locked: new Set(),
    heads: new Map(),
    ended: [],
    joins: new Map(),
    definitions: new Map(),
    started: 0,
    room: null,
  };
  await asStaff(tx, async () => {
    await move(family, first);
    for (let next = family.ended.shift(); next; next = family.ended.shift()) await tellParent(family, next);
  });
  const after = family.heads.get(read.head.id);
  if (!after) throw new Error("a move in a family left no row");
  return after;
}

/** A move of which it is known what it starts: everything that could refuse a child has been asked. */
type Ready = Omit<FamilyMove, "actor"> & { readonly children: readonly NewChild[] };

const move = async (family: Family, decided: Omit<FamilyMove, "actor">): Promise<void> => write(family, await makeReady(family, decided));

async function makeReady(family: Family, { read, machine, outcomes }: Omit<FamilyMove, "actor">): Promise<Ready> {
  const { head } = read;
  const starts = outcomes.flatMap(({ startChildren }) => startChildren);
  await lock(family, [...head.ancestors, ...(starts.length > 0 && !read.isNew ? [head.id] : [])]);
  const replaces = outcomes.some(({ cancelsChildren }) => cancelsChildren);
  const prepared = await prepareChildren(family.tx, family, { parent: headOf(read, outcomes), starts, replaces, now: outcomes[0].at });
  if ("children" in prepared) return { read, machine, outcomes, children: prepared.children };
  return { read, machine, outcomes: withIncident(family, read, outcomes, prepared.incident), children: [] };
}

async function write(family: Family, { read, machine, outcomes, children }: Ready): Promise<void> {
  const { tx, meta } = family;
  const { moves, after } = await planChain(tx, meta, read, outcomes, machine?.index ?? []);
  await writeMoves(tx, meta, moves);
  noteWritten(family, after, outcomes);
  if (outcomes.some(({ cancelsChildren }) => cancelsChildren)) await cancelChildren(family, after.id);
  await startChildren(family, children);
}

function noteWritten({ heads, locked, ended }: Family, after: InstanceHead, outcomes: Outcomes): void {
  heads.set(after.id, after);
  locked.add(after.id);
  const ending = endingOf(outcomes);
  if (ending && after.parentId !== null) ended.push({ child: after, ending });
}

const endingOf = (outcomes: Outcomes): FinalKind | null => outcomes.find(({ outcome }) => outcome !== null)?.outcome ?? null;

/** What the children have of their parent: the version and state of the entry that starts them. */
function headOf({ head }: FamilyRead, outcomes: Outcomes): InstanceHead {
  const entry = outcomes.find(({ startChildren }) => startChildren.length > 0);
  return entry ? { ...head, state: entry.to, version: entry.version.to } : head;
}

async function lock({ tx, locked }: Family, ids: readonly string[]): Promise<void> {
  const open = ids.filter((id) => !locked.has(id));
  if (open.length === 0) return;
  await lockAncestors(tx, open);
  for (const id of open) locked.add(id);
}

/** The children cannot be started: the move stands, none of them is, and the instance waits for a person. */
function withIncident({ actor }: Family, { head, openTasks, suspension }: FamilyRead, outcomes: Outcomes, incident: NewIncident): Outcomes {
  const childless = outcomes.map((outcome) => ({ ...outcome, startChildren: [] })) as unknown as Outcomes;
  const last = childless.reduce(snapshotAfter, snapshotOf(head, openTasks, suspension));
  return last.status === "RUNNING" ? [...childless, incidentOutcome(last, incident, { actor, now: outcomes[0].at })] : childless;
}

/** Ends the children that run, and theirs. The parent's row has been written: nobody adds to them. */
async function cancelChildren(family: Family, parentId: string): Promise<void> {
  const { tx, meta, actor, now } = family;
  const ids = await lockRunningChildren(tx, parentId);
  if (ids.length === 0) return;
  const heads = await selectHeads(tx, ids);
  const { tasks } = await readOpenTasks(tx, ids);
  const machines = await machinesOf(tx, meta.tenantId, [...new Set(heads.map(({ definitionId }) => definitionId))]);
  const moves: Move[] = [];
  const parents: string[] = [];
  for (const head of heads) {
    const openTasks = tasks.get(head.id) ?? [];
    const machine = machines.get(head.definitionId) ?? null;
    const outcome: Outcome = {
      ...accepted(cancel(machine, snapshotOf(head, openTasks), { actor, now: later(now, head.updatedAt) })),
      isAutomatic: true,
    };
    const planned = await planChain(tx, meta, { head, openTasks }, [outcome], machine?.index ?? []);
    moves.push(...planned.moves);
    family.heads.set(head.id, planned.after);
    if (outcome.cancelsChildren) parents.push(head.id);
  }
  await writeAll(family, moves);
  for (const id of parents) await cancelChildren(family, id);
}

/** Those that start no children themselves are written together. */
async function startChildren(family: Family, children: readonly NewChild[]): Promise<void> {
  const { tx, meta, now } = family;
  const parents: Ready[] = [];
  const moves: Move[] = [];
  for (const { blank, machine, outcomes } of children) {
    const ready = await makeReady(family, { read: { head: blank, openTasks: [], now, isNew: true }, machine, outcomes });
    if (ready.children.length > 0) parents.push(ready);
    else {
      const planned = await planChain(tx, meta, ready.read, ready.outcomes, machine.index);
      moves.push(...planned.moves);
      noteWritten(family, planned.after, ready.outcomes);
    }
  }
  await writeAll(family, moves);
  for (const ready of parents) await write(family, ready);
}

/** So many moves of a family are written by one statement: each carries its instance's data several times. */
const AT_ONCE = 20;

async function writeAll({ tx, meta }: Family, moves: readonly Move[]): Promise<void> {
  for (let at = 0; at < moves.length; at += AT_ONCE) {
    const [first, ...others] = moves.slice(at, at + AT_ONCE);
    if (first) await writeMoves(tx, meta, [first, ...others]);
  }
}

/** A parent that has left the state meanwhile, or has ended, does not hear of it. */
async function tellParent(family: Family, { child, ending }: Family["ended"][number]): Promise<void> {
  const { tx, meta, actor } = family;
  const { parentId, parentRule, childIndex } = child;
  family.room = null;
  if (parentId === null || parentRule === null || childIndex === null) return;
  const read = await readInstance(tx, parentId, { permission: "workflow.read" });
  if (read.head.finishedAt !== null) return;
  const now = later(family.now, read.head.updatedAt);
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  const outcome = childEnded(snapshot, { rule: parentRule, index: childIndex, ending, actor, now });
  const machine = await findMachine(tx, meta.tenantId, read.head.definitionId);
  if (!machine) {
    const unreadable = incidentOutcome(snapshotAfter(snapshot, outcome), definitionIncident([]), { actor, now });
    return move(family, { read, machine, outcomes: snapshot.status === "RUNNING" ? [outcome, unreadable] : [outcome] });
  }
  const children = await readChildren(tx, machine, read.head);
  if (!children?.some(({ id }) => id === child.id)) return;
  const before = { ...snapshot, children };
  const outcomes = settle(machine, before, outcome, actor);
  return move(family, {
    read,
    machine,
    outcomes: isLoop(family, parentId, outcomes) ? [outcome, loopOf(family, before, outcome)] : outcomes,
  });
}

function isLoop({ joins }: Family, id: string, outcomes: Outcomes): boolean {
  if (outcomes.length === 1) return false;
  const fired = (joins.get(id) ?? 0) + 1;
  joins.set(id, fired);
  return fired > MAX_AUTOMATIC;
}

function loopOf({ actor }: Family, before: Snapshot, outcome: Outcome): Outcome {
  const message = `Children that end at once would be started for ever, ${MAX_AUTOMATIC} times so far. The instance waits in "${before.state}".`;
  const incident: NewIncident = { kind: "LOOP", message, place: `states.${before.state}.children` };
  return incidentOutcome(snapshotAfter(before, outcome), incident, { actor, now: outcome.at });
}
