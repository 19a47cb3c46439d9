import { databaseFaultOf, isInstanceVisible, WeftError, type WriteMeta } from "@weft/shared";
import { fire } from "../../core/fire.js";
import type { Machine } from "../../core/machine.js";
import { isPlainMove, isPlainState } from "../../core/plain.js";
import { settle } from "../../core/settle.js";
import type { Outcome } from "../../core/outcome.js";
import { assertVersion } from "../apply.js";
import type { Firing } from "../fire.js";
import { cachedMachine } from "../machines.js";
import { planChain, type Move } from "../move.js";
import { accepted } from "../rejection.js";
import { snapshotOf, type InstanceHead, type InstanceRead } from "../snapshot.js";
import { decideStart } from "../start.js";
import { alone, namesMore, refused, type Begun, type Booking, type Startable, type Verdict } from "./booking.js";
import { NeedsTransaction, noTransaction } from "./no-transaction.js";
import { placeOf, type BatchRead } from "./read.js";

/** A move that is ready to be written. */
export type Decided = {
  readonly kind: "decided";
  readonly meta: WriteMeta;
  readonly move: Move;
  readonly before: InstanceHead;
  readonly after: InstanceHead;
};

/** It is not known yet under which key its actor's address is sealed. */
export type Keyless = { readonly kind: "keyless" };

/** The same as the ordinary way up to the write, upon what was read for the whole batch. Whatever is not plain goes alone. */
export async function decide(booking: Booking, { instances, definitions }: BatchRead): Promise<Decided | Keyless | Verdict> {
  try {
    return await ("firing" in booking
      ? decideFiring(booking.meta, booking.firing, instances.get(booking.firing.id))
      : decideStarting(booking, definitions.get(placeOf(booking.starting.environment, booking.starting.definitionKey))));
  } catch (error) {
    if (error instanceof NeedsTransaction) return { kind: "keyless" };
    return error instanceof WeftError && !databaseFaultOf(error) ? refused(error) : alone;
  }
}

async function decideFiring(meta: WriteMeta, firing: Omit<Firing, "lockRead">, read: InstanceRead | undefined): Promise<Decided | Verdict> {
  const { actor, transition, input, comment, expectedVersion, permission = "workflow.fire" } = firing;
  // Who says that there is none is the predicate of the ordinary way, not this one.
  if (!read || !isInstanceVisible(actor.viewer, permission, read.head) || read.head.status !== "RUNNING") return alone;
  const { head, openTasks, now } = read;
  const machine = cachedMachine(meta.tenantId, head.definitionId);
  if (!machine || head.parentId !== null || !isPlainState(machine, head.state)) return { kind: "alone", begun: { read } };
  assertVersion(head, expectedVersion);
  const snapshot = snapshotOf(head, openTasks);
  const outcome = accepted(fire(machine, snapshot, { transition, actor, input, comment: comment ?? null, now }));
  return laidOut(meta, read, { machine, outcomes: settle(machine, snapshot, outcome, actor), begun: { read } });
}

async function decideStarting(
  { meta, starting }: Extract<Booking, { starting: unknown }>,
  definition: Startable | undefined,
): Promise<Decided | Verdict> {
  const machine = definition && cachedMachine(meta.tenantId, definition.id);
  if (!machine || namesMore(starting)) return alone;
  const { blank, outcome, actor } = decideStart(meta, { definition, machine, starting });
  const read = { head: blank, openTasks: [], isNew: true };
  return laidOut(meta, read, { machine, outcomes: settle(machine, snapshotOf(blank, []), outcome, actor), begun: { definition } });
}

type Laid = { readonly machine: Machine; readonly outcomes: readonly [Outcome, ...Outcome[]]; readonly begun: Begun };

async function laidOut(
  meta: WriteMeta,
  read: Parameters<typeof planChain>[2],
  { machine, outcomes, begun }: Laid,
): Promise<Decided | Verdict> {
  if (!isPlainMove(outcomes)) return { kind: "alone", begun };
  const { moves, after } = await planChain(noTransaction, meta, read, outcomes, machine.index);
  const [move] = moves;
  return isWritable(move, read.head) ? { kind: "decided", meta, move, before: read.head, after } : { kind: "alone", begun };
}

/** Whether `engine.apply_batch` has a place for everything that the move writes. */
function isWritable(
  { instance, incident, resolution, fields, words, audit }: Move,
  { ownerId, teamId, definitionId }: InstanceHead,
): boolean {
  const isItsOwn = instance.ownerId === ownerId && instance.teamId === teamId && instance.definitionId === definitionId;
  return isItsOwn && incident === null && resolution === null && fields === undefined && words === undefined && audit.length === 1;
}
