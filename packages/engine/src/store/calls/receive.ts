/**
 * Calls: writes what the result of a call does to its instance, in the transaction of the caller and under the lock of the instance.
 * This room never sends a call, and never records that a result was received.
 */
import { chaos, named, type Tx, type WriteMeta } from "@weft/shared";
import { sql } from "drizzle-orm";
import { receiveData, receiveTransition, type Received, type Receiving } from "../../core/calls/receive.js";
import type { Json } from "../../core/model/json.js";
import type { CallFollowUp } from "../../core/model/machine.js";
import { systemActor } from "../../core/timers/system-actor.js";
import { applyChain } from "../automatic/apply.js";
import { inCalendars } from "../calendar/calendars.js";
import { findMachine } from "../definition/machines.js";
import { openIncident } from "../incidents/incidents.js";
import { findInstances, lockInstance, snapshotOf } from "../model/snapshot.js";

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
};

/** What became of a result. WAITING: the instance is suspended or has an incident; pass the result again once it continues. */
export type ReceivedCall = { readonly status: "DONE" | "SKIPPED" | "FAILED" | "WAITING"; readonly reason: string | null };

const done: ReceivedCall = { status: "DONE", reason: null };

/**
 * Lets the result of a call have its effect on the instance: success writes the result into the data and fires `onSuccess`, failure fires `onFailure`. A
 * result that the instance cannot use, or a failure for which the definition has no transition, stops the instance with an incident.
 *
 * A result that fires a transition acts only on the visit of the state that made the call. Afterwards it is late, and not even its data is written: it
 * is about something that the instance no longer does. A result without a transition only completes the data, in any state; of several calls with the
 * same path, the last one counts.
 */
export async function receiveCall(
  tx: Tx,
  meta: WriteMeta,
  { instanceId, integration, followUp, settledVersion, isSuperseded, ended }: CallToReceive,
): Promise<ReceivedCall> {
  const { into, onSuccess, onFailure } = followUp;
  await lockInstance(tx, instanceId);
  const status = await statusOf(tx, instanceId);
  if (status === "SUSPENDED" || status === "FAILED") return { status: "WAITING", reason: null };
  if (status !== "RUNNING") return { status: "SKIPPED", reason: "The instance has ended." };
  const isOfVisit = onSuccess !== null || (!ended.isDone && onFailure !== null);
  if (isOfVisit && settledVersion !== null && (await hasEnteredSince(tx, instanceId, settledVersion)))
    return { status: "SKIPPED", reason: "The instance has left the state in which it made the call." };
  if (!isOfVisit && isSuperseded) return { status: "SKIPPED", reason: "A later call writes the same data." };
  if (!ended.isDone && onFailure === null) {
    // A call whose result nothing needs does not stop its instance.
    if (into === null && onSuccess === null) return { status: "SKIPPED", reason: "The definition does not say what a failure does." };
    await stop(tx, meta, { instanceId, integration, message: `The call of ${integration} failed: ${ended.error}` });
    return { status: "FAILED", reason: ended.error };
  }
  const steps: ((receiving: Receiving) => Received)[] = ended.isDone
    ? [
        ...(into === null ? [] : [(receiving: Receiving) => receiveData(receiving, into, ended.result as Json)]),
        ...(onSuccess === null ? [] : [(receiving: Receiving) => receiveTransition(receiving, onSuccess)]),
      ]
    : [(receiving: Receiving) => receiveTransition(receiving, onFailure ?? "")];
  for (const decide of steps) {
    const received = await receive(tx, meta, { instanceId, integration, decide });
    if (received.status !== "DONE") return received;
  }
  chaos("calls.received");
  return done;
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

async function statusOf(tx: Tx, instanceId: string): Promise<string | undefined> {
  const [read] = await findInstances(tx, [instanceId]);
  return read?.head.status;
}

async function receive(
  tx: Tx,
  meta: WriteMeta,
  {
    instanceId,
    integration,
    decide,
  }: { readonly instanceId: string; readonly integration: string; readonly decide: (receiving: Receiving) => Received },
): Promise<ReceivedCall> {
  // Read for each step, because the one before it has changed the instance.
  const [read] = await findInstances(tx, [instanceId]);
  if (!read || read.head.status !== "RUNNING") return { status: "SKIPPED", reason: "The instance has ended or stopped." };
  const machine = await inCalendars(tx, await findMachine(tx, meta.tenantId, read.head.definitionId), read.head);
  if (!machine) {
    await stop(tx, meta, { instanceId, integration, message: "The definition of the instance can no longer be read." });
    return { status: "FAILED", reason: "The definition of the instance can no longer be read." };
  }
  const received = decide({ machine, snapshot: snapshotOf(read.head, read.openTasks), actor: systemActor, now: read.now, integration });
  if (!("outcomes" in received)) {
    if (received.kind === "skipped") return { status: "SKIPPED", reason: received.reason };
    await stop(tx, meta, {
      instanceId,
      integration,
      message: `The result of the call of ${integration} cannot be used: ${received.reason}`,
    });
    return { status: "FAILED", reason: received.reason };
  }
  await applyChain(tx, meta, read, { machine, outcomes: received.outcomes, actor: systemActor });
  return done;
}

async function stop(
  tx: Tx,
  meta: WriteMeta,
  { instanceId, integration, message }: { readonly instanceId: string; readonly integration: string; readonly message: string },
): Promise<void> {
  await openIncident(tx, meta, instanceId, { kind: "JOB", message: message.slice(0, 2000), place: `integrations.${integration}` });
}
