/**
 * Timers: fires the due timers of stored instances. A timer and everything that it causes is one transaction, under the lock of its instance, so it has
 * one effect, whichever process takes it.
 * This module never decides what a timer does: the core does. It never looks for tenants.
 */
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, type WriteMeta } from "@weft/platform/events";
import { incidentOutcome } from "../../core/automatic/fire-automatic.js";
import { definitionIncident } from "../../core/model/incident.js";
import type { Machine } from "../../core/model/machine.js";
import type { TimerKind } from "../../core/model/timer.js";
import type { Outcome } from "../../core/model/outcome.js";
import { dueTimerOf, fireTimer } from "../../core/automatic/fire-timer.js";
import { keepsClocks } from "../../core/sla/keeps-clocks.js";
import { systemActor } from "../../core/timers/system-actor.js";
import { applyChain } from "../automatic/apply.js";
import { inCalendars } from "../calendar/calendars.js";
import { affectsHierarchy } from "../children/hierarchy.js";
import { machinesOf } from "../definition/machines.js";
import { findInstances, snapshotOf, type InstanceRead } from "../model/snapshot.js";
import type { InstanceWrite } from "../outcome/instance-write.js";
import { planWrites } from "../outcome/plan.js";
import { applyWrites } from "../outcome/write.js";
import { applyBatch, isWritable, type BatchWrite } from "../outcome/write-batch.js";
import { remindedEvent } from "./reminder.js";
import {
  endTimers,
  findDueInstances,
  holdTimers,
  insertTimers,
  lockDueTimers,
  lockFreeInstances,
  type NextTimer,
  type TimerEnd,
  type TimerRow,
} from "./timers.store.js";

/** What a timer of another kind than those of definitions does, in the transaction of the caller, under the lock of its instance. */
export type TimerHandler = (
  tx: Tx,
  meta: WriteMeta,
  due: { readonly timer: TimerRow; readonly read: InstanceRead },
) => Promise<Pick<TimerEnd, "status" | "reason">>;

export type TimerHandlers = { readonly [kind in Exclude<TimerKind, "STATE" | "TASK">]?: TimerHandler };

export type FireOptions = {
  /** Maximum number of instances. */
  readonly limit: number;
  /** Instances to leave out. */
  readonly except: readonly string[];
  readonly handlers: TimerHandlers;
  /** Called with the instances whose timers will be fired, before anything is written. */
  readonly onFound?: (instanceIds: readonly string[]) => void;
};

export type Fired = {
  /** The instances whose timers were looked at: none of them has the same due timers as before. */
  readonly instanceIds: readonly string[];
  /** Number of timers that have ended or wait for their instance. */
  readonly done: number;
};

/**
 * Fires due timers of the tenant, longest waiting first: for each instance, up to and including the first that changes it. Instances that another
 * transaction has locked are left out.
 */
export async function fireDueTimers(tx: Tx, meta: WriteMeta, { limit, except, handlers, onFound }: FireOptions): Promise<Fired> {
  const due = await findDueInstances(tx, { limit, except });
  onFound?.(due);
  return due.length === 0 ? { instanceIds: [], done: 0 } : fireTimersOf(tx, meta, due, handlers);
}

/** Fires the due timers of these instances. Calls `onTimer` before each of them, so that the caller knows which one failed. */
export async function fireTimersOf(
  tx: Tx,
  meta: WriteMeta,
  ids: readonly string[],
  handlers: TimerHandlers,
  onTimer: (timerId: string) => void = () => undefined,
): Promise<Fired> {
  const free = await lockFreeInstances(tx, ids);
  if (free.length === 0) return { instanceIds: [], done: 0 };
  // The statement that locks sees the rows of before it, so they are read afterwards.
  const reads = await findInstances(tx, free);
  const byInstance = Map.groupBy(await lockDueTimers(tx, free), ({ instanceId }) => instanceId);
  const machines = await machinesOf(tx, meta.tenantId, [...new Set(reads.map(({ head }) => head.definitionId))]);
  chaos("timers.locked");
  const batch: Batch = { tx, meta, handlers, onTimer, ends: [], held: [], next: [], events: [], single: [], writes: [], chains: [] };
  for (const read of reads) {
    const machine = await inCalendars(tx, machines.get(read.head.definitionId) ?? null, read.head);
    await decideAll(batch, read, machine, byInstance.get(read.head.id) ?? []);
  }
  await writeAll(batch);
  chaos("timers.written");
  return { instanceIds: free, done: batch.ends.length + batch.held.length };
}

type Chain = { readonly read: InstanceRead; readonly machine: Machine | null; readonly outcomes: readonly [Outcome, ...Outcome[]] };

/** What a transaction will write. */
type Batch = {
  readonly tx: Tx;
  readonly meta: WriteMeta;
  readonly handlers: TimerHandlers;
  readonly onTimer: (timerId: string) => void;
  readonly ends: TimerEnd[];
  readonly held: string[];
  readonly next: NextTimer[];
  readonly events: AnyNewEvent[];
  /** One per instance. */
  readonly single: BatchWrite[];
  readonly writes: InstanceWrite[];
  /** Those that concern more than the rows of their own instance: other instances, SLA clocks, or escalations. */
  readonly chains: Chain[];
};

async function decideAll(batch: Batch, read: InstanceRead, machine: Machine | null, timers: readonly TimerRow[]): Promise<void> {
  const { tx, meta, handlers, onTimer, ends, held, next, events } = batch;
  const { head, openTasks, now } = read;
  const snapshot = snapshotOf(head, openTasks);
  for (const timer of timers) {
    const { id, kind } = timer;
    onTimer(id);
    if (snapshot.status === "SUSPENDED" || snapshot.status === "FAILED") {
      held.push(head.id);
      return;
    }
    if (kind !== "STATE" && kind !== "TASK") {
      const handler = handlers[kind as keyof TimerHandlers];
      const end = handler
        ? await handler(tx, meta, { timer, read })
        : { status: "SKIPPED" as const, reason: `No part of Weft handles timers of the kind ${kind}.` };
      ends.push({ id, ...end });
      // It can have changed the instance.
      return;
    }
    if (!machine) {
      const incident = incidentOutcome(snapshot, definitionIncident([]), { actor: systemActor, now });
      ends.push({ id, status: "FAILED", reason: incident.incident?.message ?? null });
      return addChain(batch, { read, machine, outcomes: [incident] });
    }
    const result = fireTimer(machine, snapshot, dueTimerOf(timer, kind), { actor: systemActor, now });
    switch (result.kind) {
      case "waits":
        held.push(head.id);
        return;
      case "skipped":
        ends.push({ id, status: "SKIPPED", reason: result.reason });
        break;
      case "reminded":
        ends.push({ id, status: "FIRED", reason: null });
        events.push(remindedEvent(read, machine, timer, result));
        if (result.next) next.push({ ...result.next, instanceId: head.id, armedAtVersion: head.version });
        break;
      case "fired": {
        const incident = result.outcomes[0].incident;
        ends.push(incident ? { id, status: "FAILED", reason: incident.message } : { id, status: "FIRED", reason: null });
        return addChain(batch, { read, machine, outcomes: result.outcomes });
      }
      default:
        result satisfies never;
    }
  }
}

async function addChain({ tx, meta, single, writes, chains }: Batch, chain: Chain): Promise<void> {
  const { read, machine, outcomes } = chain;
  if (affectsHierarchy(read.head, outcomes) || !machine || keepsClocks(machine)) {
    chains.push(chain);
    return;
  }
  const planned = await planWrites(tx, meta, read, outcomes, machine.index);
  const [write, ...following] = planned.writes;
  if (following.length === 0 && isWritable(write, read.head)) single.push({ meta, write, before: read.head, after: planned.after });
  else writes.push(...planned.writes);
}

async function writeAll({ tx, meta, ends, held, next, events, single, writes, chains }: Batch): Promise<void> {
  // First, so that leaving a state does not clear the timer that caused it.
  await endTimers(tx, ends);
  await holdTimers(tx, held);
  // Before what later timers of the same instances change, so that the events of an instance are in the order of its versions.
  await appendEvents(tx, meta, events);
  const [first, ...others] = single.length > 1 ? writes : [...single.map(({ write }) => write), ...writes];
  // Alone, it waits for a task that another transaction has locked.
  if (single.length > 1) await applyBatch(tx, single);
  if (first) await applyWrites(tx, meta, [first, ...others]);
  for (const { read, machine, outcomes } of chains) await applyChain(tx, meta, read, { machine, outcomes, actor: systemActor });
  await insertTimers(tx, meta.tenantId, next);
}
