import { databaseFaultOf, isInstanceVisible, WeftError, type Tx, type WriteMeta } from "@weft/shared";
import { fire } from "../../core/fire.js";
import type { Machine } from "../../core/machine.js";
import type { Outcome } from "../../core/outcome.js";
import { isPlainMove, isPlainState } from "../../core/plain.js";
import { settle } from "../../core/settle.js";
import { assertVersion } from "../apply.js";
import type { Firing } from "../fire.js";
import { cachedMachine } from "../machines.js";
import { planChain, type Move } from "../move.js";
import { accepted } from "../rejection.js";
import { snapshotOf, type InstanceHead, type InstanceRead } from "../snapshot.js";
import { decideStart, type Starting } from "../start.js";
import { alone, refused, type Booking, type Verdict } from "./booking.js";
import { placeOf, type BatchRead, type Startable } from "./read.js";

/** A move that is ready to be written. */
export type Decided = {
  readonly kind: "decided";
  readonly meta: WriteMeta;
  readonly move: Move;
  readonly before: InstanceHead;
  readonly after: InstanceHead;
};

/** The same as the ordinary way up to the write, upon what was read for the whole batch. Whatever is not plain goes alone. */
export async function decide(tx: Tx, booking: Booking, { instances, definitions }: BatchRead): Promise<Decided | Verdict> {
  const { meta } = booking;
  try {
    return await ("firing" in booking
      ? decideFiring(tx, meta, booking.firing, instances.get(booking.firing.id))
      : decideStarting(tx, meta, booking.starting, definitions.get(placeOf(booking.starting.environment, booking.starting.definitionKey))));
  } catch (error) {
    // After an error of the database nothing goes on in this transaction.
    if (databaseFaultOf(error)) throw error;
    return error instanceof WeftError ? refused(error) : alone;
  }
}

async function decideFiring(
  tx: Tx,
  meta: WriteMeta,
  firing: Omit<Firing, "lockRead">,
  read: InstanceRead | undefined,
): Promise<Decided | Verdict> {
  const { actor, transition, input, comment, expectedVersion, permission = "workflow.fire" } = firing;
  // Who says that there is none is the predicate of the ordinary way, not this one.
  if (!read || !isInstanceVisible(actor.viewer, permission, read.head)) return alone;
  const { head, openTasks, now } = read;
  const machine = cachedMachine(meta.tenantId, head.definitionId);
  if (!machine || head.status !== "RUNNING" || head.parentId !== null || !isPlainState(machine, head.state)) return alone;
  assertVersion(head, expectedVersion);
  const snapshot = snapshotOf(head, openTasks);
  const outcome = accepted(fire(machine, snapshot, { transition, actor, input, comment: comment ?? null, now }));
  return laidOut(tx, meta, read, { machine, outcomes: settle(machine, snapshot, outcome, actor) });
}

async function decideStarting(tx: Tx, meta: WriteMeta, starting: Starting, definition: Startable | undefined): Promise<Decided | Verdict> {
  const machine = definition && cachedMachine(meta.tenantId, definition.id);
  if (!machine || starting.teamId || starting.subject || starting.definitionId !== undefined) return alone;
  const { blank, outcome, actor } = decideStart(meta, { definition, machine, starting });
  const read = { head: blank, openTasks: [], isNew: true };
  return laidOut(tx, meta, read, { machine, outcomes: settle(machine, snapshotOf(blank, []), outcome, actor) });
}

type Laid = { readonly machine: Machine; readonly outcomes: readonly [Outcome, ...Outcome[]] };

async function laidOut(
  tx: Tx,
  meta: WriteMeta,
  read: Parameters<typeof planChain>[2],
  { machine, outcomes }: Laid,
): Promise<Decided | Verdict> {
  if (!isPlainMove(outcomes)) return alone;
  const { moves, after } = await planChain(tx, meta, read, outcomes, machine.index);
  const [move] = moves;
  return isWritable(move, read.head) ? { kind: "decided", meta, move, before: read.head, after } : alone;
}

/** Whether `engine.apply_batch` has a place for everything that the move writes. */
function isWritable(
  { instance, incident, resolution, fields, words, audit }: Move,
  { ownerId, teamId, definitionId }: InstanceHead,
): boolean {
  const isItsOwn = instance.ownerId === ownerId && instance.teamId === teamId && instance.definitionId === definitionId;
  return isItsOwn && incident === null && resolution === null && fields === undefined && words === undefined && audit.length === 1;
}
