import { isInstanceVisible } from "@weft/platform/rights";
import { WeftError } from "@weft/shared/errors";
import { databaseFaultOf } from "@weft/platform/db";
import { toEventRows, type WriteMeta } from "@weft/platform/events";
import type { Machine } from "../../core/model/machine.js";
import { isBatchable, isBatchableState } from "../../core/batch/batchable.js";
import { fireAutomatic } from "../../core/automatic/fire-automatic.js";
import type { Outcome } from "../../core/model/outcome.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { assertVersion } from "../automatic/apply.js";
import { decideFire, type Firing } from "../transition/fire.js";
import { cachedMachine } from "../definition/machines.js";
import { planWrites } from "../outcome/plan.js";
import { accepted } from "../model/rejection.js";
import { snapshotOf } from "../model/snapshot.js";
import { isWritable, type BatchWrite } from "../outcome/write-batch.js";
import { decideStart } from "../instance/start.js";
import { unbatched, namesMore, refused, type QueuedCall, type CallAnswer } from "./queued-call.js";
import type { AlreadyRead } from "../model/already-read.js";
import { NeedsTransaction, noTransaction } from "./no-transaction.js";
import { placeOf, type BatchRead } from "./read.js";
import { inCachedCalendars, type CalendarSubject } from "../calendar/calendars.js";
import { withCalendars } from "../../core/calendar/compile.js";
import { noSla, type SlaRead } from "../sla/sla.store.js";
import { planClocks } from "../sla/plan.js";
import type { ClockSettings } from "../sla/settings.js";

/** A call that is ready to be written. */
export type Decided = BatchWrite & { readonly kind: "decided" };

/** The key that seals the address of its actor is not known yet. */
export type Keyless = { readonly kind: "keyless" };

/**
 * Decides the call as the unbatched path does, up to the write, from what was read for the whole batch. Anything that is not batchable runs
 * unbatched.
 */
export async function decide(call: QueuedCall, read: BatchRead): Promise<Decided | Keyless | CallAnswer> {
  try {
    return await ("firing" in call ? decideFiring(call.meta, call.firing, read) : decideStarting(call, read));
  } catch (error) {
    if (error instanceof NeedsTransaction) return { kind: "keyless" };
    return error instanceof WeftError && !databaseFaultOf(error) ? refused(error) : unbatched("error");
  }
}

async function decideFiring(
  meta: WriteMeta,
  firing: Omit<Firing, "lockRead">,
  { instances, sla, settings }: BatchRead,
): Promise<Decided | CallAnswer> {
  const { actor, expectedVersion, permission = "workflow.fire" } = firing;
  const read = instances.get(firing.id);
  // The unbatched path reports that there is no such instance; this one does not.
  if (!read || !isInstanceVisible(actor.viewer, permission, read.head) || read.head.status !== "RUNNING") return unbatched("hidden");
  const { head } = read;
  const compiled = cachedMachine(meta.tenantId, head.definitionId);
  const clockSettings = settings.get(head.teamId);
  const machine = compiled && inKnownCalendars(compiled, head, clockSettings);
  if (!machine || head.parentId !== null || !isBatchableState(machine, head.state)) return unbatched("definition", { read });
  assertVersion(head, expectedVersion);
  const { snapshot, result } = decideFire(machine, read, firing);
  // The unbatched path reads the names of the roles that the actor lacks.
  if (!result.ok && result.rejection.reasons.some(({ roles }) => roles)) return unbatched("roles", { read });
  const outcome = accepted(result);
  return batchedWriteOf(meta, read, {
    machine,
    outcomes: fireAutomatic(machine, snapshot, outcome, actor),
    alreadyRead: { read },
    sla: sla.get(head.id),
    settings: clockSettings,
  });
}

async function decideStarting(
  { meta, starting }: Extract<QueuedCall, { starting: unknown }>,
  { definitions, settings, refused: refusedDefinitions }: BatchRead,
): Promise<Decided | CallAnswer> {
  const definition = definitions.get(placeOf(starting.environment, starting.definitionKey));
  const compiled = definition && cachedMachine(meta.tenantId, definition.id);
  if (!compiled) return unbatched("definition");
  if (namesMore(starting)) return unbatched("references");
  const teamId = starting.teamId ?? null;
  const clockSettings = settings.get(teamId);
  const machine = inKnownCalendars(compiled, { tenantId: meta.tenantId, teamId }, clockSettings);
  if (!machine) return unbatched("definition", { definition });
  if (starting.violations === "refused" && refusedDefinitions.has(definition.id)) return unbatched("definition", { definition });
  const { blank, outcome, actor, secretInputs } = decideStart(meta, { definition, machine, starting });
  // They are sealed with the run, in the transaction that writes it.
  if (Object.keys(secretInputs).length > 0) return unbatched("outcome", { definition });
  const read = { head: blank, openTasks: [], isNew: true };
  return batchedWriteOf(meta, read, {
    machine,
    outcomes: fireAutomatic(machine, snapshotOf(blank, []), outcome, actor),
    alreadyRead: { definition },
    sla: noSla,
    settings: clockSettings,
  });
}

const inKnownCalendars = (machine: Machine, subject: CalendarSubject, settings: ClockSettings | undefined): Machine | null =>
  settings && machine.usesCalendars ? withCalendars(machine, settings.calendars) : inCachedCalendars(machine, subject);

type DecidedCall = {
  readonly machine: Machine;
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  readonly alreadyRead: AlreadyRead;
  readonly sla: SlaRead | undefined;
  readonly settings: ClockSettings | undefined;
};

async function batchedWriteOf(
  meta: WriteMeta,
  read: Parameters<typeof planWrites>[2],
  { machine, outcomes, alreadyRead, sla, settings }: DecidedCall,
): Promise<Decided | CallAnswer> {
  if (!isBatchable(outcomes)) return unbatched("outcome", alreadyRead);
  const { writes, after } = await planWrites(noTransaction, meta, read, outcomes, machine.index);
  const [write] = writes;
  if (!isWritable(write, read.head)) return unbatched("outcome", alreadyRead);
  const decided = { kind: "decided", meta, write, before: read.head, after } as const;
  if (!keepsClocks(machine)) return decided;
  // The process did not know that its definition has any when it read the batch.
  if (!sla || !settings) return unbatched("clocks", alreadyRead);
  const planned = planClocks({ ...read, machine, outcomes, writes, read: sla, settings });
  if (!planned) return unbatched("clocks", alreadyRead);
  return {
    ...decided,
    write: { ...write, events: [...write.events, ...toEventRows(planned.events, meta)] },
    sla: { guard: { ...sla.guard, recomputations: settings.recomputations }, writes: planned.sla },
  };
}
