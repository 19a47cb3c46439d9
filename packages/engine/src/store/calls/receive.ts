/**
 * Calls: writes what the result of a call does to its instance, in the transaction of the caller and under the lock of the instance.
 * This module never sends a call, and never records that a result was received.
 */
import { chaos } from "@weft/platform/chaos";
import { named, type Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents, toEventRows, type WriteMeta } from "@weft/platform/events";
import { sql } from "drizzle-orm";
import { callIncident, isOfVisit, planResult, STOPPED_BETWEEN, unusableResult, type CallStep } from "../../core/calls/receive.js";
import type { NewIncident } from "../../core/model/incident.js";
import type { Json } from "../../core/model/json.js";
import type { CallFollowUp } from "../../core/model/call.js";
import type { InstanceStatus } from "../../core/model/snapshot.js";
import { systemActor } from "../../core/timers/system-actor.js";
import { applyChain, planForBatch } from "../automatic/apply.js";
import { inCalendars } from "../calendar/calendars.js";
import { findMachine } from "../definition/machines.js";
import { openIncident } from "../incidents/incidents.js";
import type { BatchWrite } from "../outcome/write-batch.js";
import { findInstances, lockInstance, snapshotOf, type InstanceRead } from "../model/snapshot.js";

export type CallToReceive = {
  readonly instanceId: string;
  /** Key of the integration. */
  readonly integration: string;
  readonly followUp: CallFollowUp;
  /** Version of the instance after the change that made the call. With null, the visit of the state does not count. */
  readonly settledVersion: number | null;
  /** Whether a later call of the instance writes its result to the same path. */
  readonly isSuperseded: boolean;
  readonly ended: { readonly isDone: true; readonly result: unknown } | { readonly isDone: false; readonly error: string };
  /** As in `EndedCall`. */
  readonly isOneChange?: boolean;
  /** The instance, if the transaction has locked and read it. */
  readonly locked?: InstanceRead;
  /** Events that come before those of the instance. */
  readonly events?: readonly AnyNewEvent[];
  /** Takes the only change of the instance, with the events, to write it together with others. Absent: it is written at once. */
  readonly hold?: ((change: BatchWrite) => void) | undefined;
};

/** What became of a result. WAITING: the instance is suspended or has an incident; pass the result again once it continues. */
export type ReceivedCall = { readonly status: "DONE" | "SKIPPED" | "FAILED" | "WAITING"; readonly reason: string | null };

const done: ReceivedCall = { status: "DONE", reason: null };

/**
 * Lets the end of a call have its effect on the instance, as `planResult` decides. A result that the instance cannot use stops it with an incident, as
 * does a failure for which the definition has no transition.
 */
export async function receiveCall(
  tx: Tx,
  meta: WriteMeta,
  {
    instanceId,
    integration,
    followUp,
    settledVersion,
    isSuperseded,
    ended: answer,
    isOneChange = false,
    locked,
    events = [],
    hold,
  }: CallToReceive,
): Promise<ReceivedCall> {
  const ended = answer.isDone ? { isDone: true as const, result: answer.result as Json } : answer;
  const call = { integration, followUp, ended, isOneChange };
  if (!locked) await lockInstance(tx, instanceId);
  let read = locked ?? (await findInstance(tx, instanceId));
  const status = read?.head.status as InstanceStatus | undefined;
  const canBeLate = status === "RUNNING" && isOfVisit(call) && settledVersion !== null && read?.head.version !== settledVersion;
  const hasLeft = canBeLate && (await hasEnteredSince(tx, instanceId, settledVersion));
  const plan = planResult(call, { status, hasLeft, isSuperseded });
  if (plan.kind === "steps" && plan.steps.length === 1 && hold && locked) {
    const change = await planChange(tx, meta, locked, { integration, decide: plan.steps[0], events });
    if (change) {
      hold(change);
      chaos("calls.received");
      return done;
    }
  }
  await appendEvents(tx, meta, events);
  switch (plan.kind) {
    case "waits":
      return { status: "WAITING", reason: null };
    case "skipped":
      return { status: "SKIPPED", reason: plan.reason };
    case "stopped":
      await openIncident(tx, meta, instanceId, plan.incident);
      return { status: "FAILED", reason: plan.reason };
    case "steps":
      for (const decide of plan.steps) {
        // Read again if the step before has changed more than the row of the instance.
        read ??= await findInstance(tx, instanceId);
        const { received, after } = await receive(tx, meta, { instanceId, read, integration, decide });
        if (received.status !== "DONE") return received;
        read = after;
      }
      chaos("calls.received");
      return done;
    default:
      return plan satisfies never;
  }
}

/** Whether the instance has entered a state, also the same one again, after the version. */
async function hasEnteredSince(tx: Tx, instanceId: string, version: number): Promise<boolean> {
  const rows = await tx.execute(
    named(
      "hasEnteredStateSince",
      sql`select from workflows.history h
        where h.tenant_id = app.tenant() and h.instance_id = ${instanceId}::uuid and h.version > ${version}::int
          and (h.kind in ('START', 'TRANSITION', 'ROLLBACK') or h.from_state <> h.to_state) limit 1`,
    ),
  );
  return rows.length > 0;
}

async function findInstance(tx: Tx, id: string): Promise<InstanceRead | undefined> {
  const [read] = await findInstances(tx, [id]);
  return read;
}

/** Returns the change that a step of a result makes, with the events before it. Null: it must be made by `receive`. */
async function planChange(
  tx: Tx,
  meta: WriteMeta,
  read: InstanceRead,
  {
    integration,
    decide,
    events,
  }: { readonly integration: string; readonly decide: CallStep | undefined; readonly events: readonly AnyNewEvent[] },
): Promise<BatchWrite | null> {
  const machine =
    read.head.status === "RUNNING" ? await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head) : null;
  if (!machine || !decide) return null;
  const answer = decide({ machine, snapshot: snapshotOf(read.head, read.openTasks), actor: systemActor, now: read.now, integration });
  if (!("outcomes" in answer)) return null;
  // Their IDs grow in the order of the events.
  const before = toEventRows(events, meta);
  const change = await planForBatch(tx, meta, read, { machine, outcomes: answer.outcomes });
  return change && { ...change, write: { ...change.write, events: [...before, ...change.write.events] } };
}

type Receiving = {
  readonly instanceId: string;
  readonly read: InstanceRead | undefined;
  readonly integration: string;
  readonly decide: CallStep;
};

/** `after`: the instance afterwards, if that is known without reading it. */
async function receive(
  tx: Tx,
  meta: WriteMeta,
  { instanceId, read, integration, decide }: Receiving,
): Promise<{ readonly received: ReceivedCall; readonly after?: InstanceRead | undefined }> {
  const stopped = async (incident: NewIncident, reason: string): Promise<{ readonly received: ReceivedCall }> => {
    await openIncident(tx, meta, instanceId, incident);
    return { received: { status: "FAILED", reason } };
  };
  if (!read || read.head.status !== "RUNNING") return { received: { status: "SKIPPED", reason: STOPPED_BETWEEN } };
  const machine = await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head);
  if (!machine) {
    const unreadable = "The definition of the instance can no longer be read.";
    return stopped(callIncident(integration, unreadable), unreadable);
  }
  const answer = decide({ machine, snapshot: snapshotOf(read.head, read.openTasks), actor: systemActor, now: read.now, integration });
  if (!("outcomes" in answer)) {
    if (answer.kind === "skipped") return { received: { status: "SKIPPED", reason: answer.reason } };
    return stopped(unusableResult(integration, answer.reason), answer.reason);
  }
  const head = await applyChain(tx, meta, read, { machine, outcomes: answer.outcomes, actor: systemActor });
  const isOnlyData = answer.outcomes.every(({ kind }) => kind === "data");
  return { received: done, after: isOnlyData ? { ...read, head } : undefined };
}
