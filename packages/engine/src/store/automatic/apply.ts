/**
 * Automatic transitions: writes an outcome and everything that follows from it, in the transaction of the caller.
 * All of it is written, or nothing.
 * This module never decides what follows (the core does), and never retries after a conflict.
 */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import type { Actor } from "../../core/model/actor.js";
import type { Outcome } from "../../core/model/outcome.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { affectsHierarchy, writeHierarchy } from "../children/hierarchy.js";
import { planWrites } from "../outcome/plan.js";
import { readChildren } from "../children/children.js";
import { snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceHead } from "../model/instance-head.js";
import { keepClocks } from "../sla/keep.js";
import { conflict, applyWrites } from "../outcome/write.js";
import { isWritable, type BatchWrite } from "../outcome/write-batch.js";

/** What the core has decided, and who asked for it. Without a machine, nothing follows automatically. */
export type Decided = { readonly machine: Machine | null; readonly outcome: Outcome; readonly actor: Actor };

/** Several outcomes, in order: `fireAutomatic` has already been called. */
export type AutomaticResult = {
  readonly machine: Machine | null;
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  readonly actor: Actor;
};

/**
 * Writes the outcome in the caller's transaction. CONFLICT with the current version and state if another write came first. If a task was claimed in
 * between, a serialization failure is raised, which repeats the whole transaction (`asTenant`).
 */
export async function applyOutcome(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcome, actor }: Decided,
): Promise<InstanceHead> {
  const snapshot = snapshotOf(read.head, read.openTasks, read.suspension);
  // Children that ended in the meantime can let it continue.
  const children = machine && outcome.kind === "resume" ? await readChildren(tx, machine, read.head) : undefined;
  const outcomes = machine ? fireAutomatic(machine, { ...snapshot, children }, outcome, actor) : ([outcome] as const);
  return applyChain(tx, meta, read, { machine, outcomes, actor });
}

/** Writes several outcomes in the same way. */
export async function applyChain(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcomes, actor }: AutomaticResult,
): Promise<InstanceHead> {
  if (affectsHierarchy(read.head, outcomes)) return writeHierarchy(tx, meta, { read, machine, outcomes, actor });
  const { writes, after } = await planWrites(tx, meta, read, outcomes, machine?.index ?? []);
  await applyWrites(tx, meta, writes);
  await keepClocks(tx, meta, { ...read, machine, outcomes, writes });
  return after;
}

/**
 * Plans several outcomes for a statement that also writes those of other instances. Null if only `applyChain` can write them. Nothing is written, but a
 * key that seals personal values can be created.
 */
export async function planForBatch(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  { machine, outcomes }: Omit<AutomaticResult, "actor">,
): Promise<BatchWrite | null> {
  if (outcomes.length > 1 || !machine || keepsClocks(machine) || affectsHierarchy(read.head, outcomes)) return null;
  const { writes, after } = await planWrites(tx, meta, read, outcomes, machine.index);
  const [write] = writes;
  return isWritable(write, read.head) ? { meta, write, before: read.head, after } : null;
}

/** Writes outcomes of an instance that does not exist yet; `blank` is its row before the first outcome. */
export async function applyStart(
  tx: Tx,
  meta: WriteMeta,
  blank: InstanceHead,
  { machine, outcome, actor }: Decided,
): Promise<InstanceHead> {
  const outcomes = machine ? fireAutomatic(machine, snapshotOf(blank, []), outcome, actor) : ([outcome] as const);
  const read = { head: blank, openTasks: [], now: outcome.at, isNew: true };
  if (affectsHierarchy(blank, outcomes)) return writeHierarchy(tx, meta, { read, machine, outcomes, actor });
  const { writes, after } = await planWrites(tx, meta, read, outcomes, machine?.index ?? []);
  await applyWrites(tx, meta, writes);
  await keepClocks(tx, meta, { ...read, machine, outcomes, writes });
  return after;
}

/** CONFLICT if the caller's decision is based on another version than the current one. */
export function assertVersion(head: InstanceHead, expectedVersion: number | null | undefined): void {
  if (expectedVersion === null || expectedVersion === undefined || expectedVersion === head.version) return;
  throw conflict({ currentVersion: head.version, currentState: head.state });
}
