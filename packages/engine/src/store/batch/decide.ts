import { databaseFaultOf, isInstanceVisible, WeftError, type WriteMeta } from "@weft/shared";
import { fire } from "../../core/transition/fire.js";
import type { Machine } from "../../core/model/machine.js";
import { isBatchable, isBatchableState } from "../../core/batch/batchable.js";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import type { Outcome } from "../../core/model/outcome.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { assertVersion } from "../automatic/apply.js";
import type { Firing } from "../transition/fire.js";
import { cachedMachine } from "../definition/machines.js";
import { planWrites } from "../outcome/plan.js";
import { accepted } from "../model/rejection.js";
import { snapshotOf, type InstanceRead } from "../model/snapshot.js";
import { isWritable, type BatchWrite } from "../outcome/write-batch.js";
import { decideStart } from "../instance/start.js";
import { unbatched, namesMore, refused, type QueuedCall, type CallAnswer } from "./queued-call.js";
import type { Begun, Startable } from "../model/begun.js";
import { NeedsTransaction, noTransaction } from "./no-transaction.js";
import { placeOf, type BatchRead } from "./read.js";
import { inCachedCalendars } from "../calendar/calendars.js";

/** A call that is ready to be written. */
export type Decided = BatchWrite & { readonly kind: "decided" };

/** The key that seals the address of its actor is not known yet. */
export type Keyless = { readonly kind: "keyless" };

/**
 * Decides the call as the unbatched path does, up to the write, from what was read for the whole batch. Anything that is not batchable runs
 * unbatched.
 */
export async function decide(call: QueuedCall, { instances, definitions }: BatchRead): Promise<Decided | Keyless | CallAnswer> {
  try {
    return await ("firing" in call
      ? decideFiring(call.meta, call.firing, instances.get(call.firing.id))
      : decideStarting(call, definitions.get(placeOf(call.starting.environment, call.starting.definitionKey))));
  } catch (error) {
    if (error instanceof NeedsTransaction) return { kind: "keyless" };
    return error instanceof WeftError && !databaseFaultOf(error) ? refused(error) : unbatched;
  }
}

async function decideFiring(
  meta: WriteMeta,
  firing: Omit<Firing, "lockRead">,
  read: InstanceRead | undefined,
): Promise<Decided | CallAnswer> {
  const { actor, transition, input, comment, expectedVersion, permission = "workflow.fire" } = firing;
  // The unbatched path reports that there is no such instance; this one does not.
  if (!read || !isInstanceVisible(actor.viewer, permission, read.head) || read.head.status !== "RUNNING") return unbatched;
  const { head, openTasks, now } = read;
  const compiled = cachedMachine(meta.tenantId, head.definitionId);
  const machine = compiled && inCachedCalendars(compiled, head);
  if (!machine || head.parentId !== null || !isBatchableState(machine, head.state)) return { kind: "unbatched", begun: { read } };
  assertVersion(head, expectedVersion);
  const snapshot = snapshotOf(head, openTasks);
  const outcome = accepted(fire(machine, snapshot, { transition, actor, input, comment: comment ?? null, now }));
  return laidOut(meta, read, { machine, outcomes: fireAutomatic(machine, snapshot, outcome, actor), begun: { read } });
}

async function decideStarting(
  { meta, starting }: Extract<QueuedCall, { starting: unknown }>,
  definition: Startable | undefined,
): Promise<Decided | CallAnswer> {
  const compiled = definition && cachedMachine(meta.tenantId, definition.id);
  if (!compiled || namesMore(starting)) return unbatched;
  const machine = inCachedCalendars(compiled, { tenantId: meta.tenantId, teamId: starting.teamId ?? null });
  if (!machine) return { kind: "unbatched", begun: { definition } };
  const { blank, outcome, actor } = decideStart(meta, { definition, machine, starting });
  const read = { head: blank, openTasks: [], isNew: true };
  return laidOut(meta, read, { machine, outcomes: fireAutomatic(machine, snapshotOf(blank, []), outcome, actor), begun: { definition } });
}

type Laid = { readonly machine: Machine; readonly outcomes: readonly [Outcome, ...Outcome[]]; readonly begun: Begun };

async function laidOut(
  meta: WriteMeta,
  read: Parameters<typeof planWrites>[2],
  { machine, outcomes, begun }: Laid,
): Promise<Decided | CallAnswer> {
  // Its clocks and escalations are written in statements of their own.
  if (keepsClocks(machine) || !isBatchable(outcomes)) return { kind: "unbatched", begun };
  const { writes, after } = await planWrites(noTransaction, meta, read, outcomes, machine.index);
  const [write] = writes;
  return isWritable(write, read.head) ? { kind: "decided", meta, write, before: read.head, after } : { kind: "unbatched", begun };
}
