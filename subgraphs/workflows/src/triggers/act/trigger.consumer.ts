import { evaluateTrigger } from "@weft/engine";
import { type EventEnvelope, shownEvent, triggeringTypes } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { chaos } from "@weft/platform/chaos";
import type { Databases, Tx } from "@weft/platform/db";
import { appendEvents, type EventConsumer, type WriteMeta } from "@weft/platform/events";
import type { Logger } from "@weft/platform/logging";
import type { PersonKeyring } from "@weft/platform/privacy";
import { viewerOfUser } from "@weft/platform/rights";
import { compiledOf } from "../compiled.js";
import { TRIGGERS_CONSUMER, endConsuming, lockTrigger, selectActiveTriggers, updateTriggerRow, type TriggerRow } from "../trigger.store.js";
import { act } from "./act.js";
import { insertRun, readCauseChain, writeResult, type CauseChain, type TriggerRunRow } from "./act.store.js";
import { resultOf, type RunResult } from "./run-result.js";

/** How often a trigger can act in a chain of events that each caused the next. */
const MAX_OWN = 3;
/** How often all triggers together can. */
const MAX_CHAIN = 8;

/** Dependencies of what triggers do. */
export interface TriggerServices {
  readonly databases: Pick<Databases, "auth">;
  readonly keyring: PersonKeyring;
  readonly log: Pick<Logger, "error">;
}

/**
 * Runs the tenant's triggers for each event. What a trigger does, its record and the cursor are in one transaction: each event has one effect per
 * trigger, whatever crashes. A trigger that fails does not affect the others.
 */
export function triggerConsumer(services: TriggerServices): EventConsumer {
  // The triggers of a transaction are read once. A trigger is active for all events that are numbered after its activation is committed.
  const active = new WeakMap<Tx, Map<string, TriggerRow[]>>();
  const activeIn = async (tx: Tx): Promise<Map<string, TriggerRow[]>> => {
    const known = active.get(tx);
    if (known) return known;
    const read = Map.groupBy(await selectActiveTriggers(tx), ({ eventType }) => eventType);
    active.set(tx, read);
    return read;
  };
  return {
    name: TRIGGERS_CONSUMER,
    types: triggeringTypes,
    optInTypes: ["trigger.created", "trigger.updated", "trigger.activated"],
    handle: async (tx, event) => {
      const byType = await activeIn(tx);
      const triggers = byType.get(event.type) ?? [];
      const stopped = new Set<TriggerRow>();
      for (const trigger of triggers)
        if (isInterested(trigger, event) && (await runTrigger(tx, services, { trigger, event }))?.isStopped) stopped.add(trigger);
      // A trigger that was stopped does not act on the next events of the transaction either.
      if (stopped.size > 0)
        byType.set(
          event.type,
          triggers.filter((trigger) => !stopped.has(trigger)),
        );
    },
  };
}

/** Returns whether a trigger considers the event at all when it occurs, before its condition is evaluated. */
export function isInterested(trigger: TriggerRow, event: EventEnvelope): boolean {
  return event.position > trigger.afterPosition && hasName(trigger, event);
}

/** Returns whether an event of the trigger's type has the name to which the trigger reacts. */
export function hasName({ eventName }: TriggerRow, { payload }: EventEnvelope): boolean {
  return eventName === null || payload["name"] === eventName;
}

/**
 * Runs a trigger for an event of its type and name. Returns null if the condition is not met, or the trigger has already acted on the event.
 * Otherwise returns the outcome, and whether the trigger was deactivated because it caused itself.
 */
export async function runTrigger(
  tx: Tx,
  services: TriggerServices,
  { trigger, event }: { readonly trigger: TriggerRow; readonly event: EventEnvelope },
): Promise<{ readonly outcome: string; readonly isStopped: boolean } | null> {
  const { holds } = evaluateTrigger(compiledOf(trigger), shownTrigger(event));
  if (!holds) return null;
  await lockKey(tx, trigger);
  const run = await insertRun(tx, trigger.id, event);
  if (!run) return null;
  chaos("triggers.act");
  const chain = await readCauseChain(tx, event, trigger.id);
  const isTooLong = chain.own >= MAX_OWN || chain.all >= MAX_CHAIN;
  const isStopped = isTooLong && (await endChain(tx, services, { trigger, event, run, chain }));
  const result = isTooLong ? null : await perform(tx, services, { trigger, event, run });
  if (result) await writeResult(tx, run, result);
  chaos("triggers.acted");
  return { outcome: result?.outcome ?? "FAILED", isStopped };
}

/**
 * Locks a trigger that has a correlation key until commit, because the consumer, replays and retries of runs can look for an instance with the same
 * key at the same time. Call it before the run is inserted: a transaction that waits for the lock must not hold a run that another waits for.
 */
export async function lockKey(tx: Tx, { id, correlationKey }: TriggerRow): Promise<void> {
  if (correlationKey !== null) await lockTrigger(tx, id);
}

/** Performs what the trigger says, with the current rights of its user. */
export async function perform(
  tx: Tx,
  services: TriggerServices,
  { trigger, event, run }: { readonly trigger: TriggerRow; readonly event: EventEnvelope; readonly run: TriggerRunRow },
): Promise<RunResult> {
  const { databases, log } = services;
  const { tenantId, userId } = trigger;
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: trigger.id });
  return act(tx, {
    meta: metaOf(services, trigger, event, run.id),
    viewer,
    trigger,
    compiled: compiledOf(trigger),
    envelope: event,
    shown: shownTrigger(event),
    earlier: run.instances,
    onBug: (error) => log.error({ err: error, tenantId, trigger: trigger.id, event: event.id }, "a trigger failed"),
  });
}

/** Returns the event as the expressions of triggers read it. */
export const shownTrigger = (event: EventEnvelope) => shownEvent(event) as Parameters<typeof evaluateTrigger>[1];

/** Deactivates a trigger that caused itself. A chain of different triggers only ends. Returns whether the trigger was deactivated. */
async function endChain(
  tx: Tx,
  services: TriggerServices,
  {
    trigger,
    event,
    run,
    chain,
  }: { readonly trigger: TriggerRow; readonly event: EventEnvelope; readonly run: TriggerRunRow; readonly chain: CauseChain },
): Promise<boolean> {
  const isOwn = chain.own >= MAX_OWN;
  const message = isOwn
    ? `The trigger caused itself ${chain.own} times in a row and was deactivated. Narrow its condition, and activate it again.`
    : `The event is the result of ${chain.all} triggers in a row, which is the maximum.`;
  await writeResult(tx, run, resultOf("FAILED", message));
  const after = isOwn ? await updateTriggerRow(tx, trigger, { isActive: false, stopReason: "LOOP" }) : null;
  if (!after) return false;
  await endConsuming(tx);
  const meta = metaOf(services, trigger, event, run.id);
  const { id, version, eventType, name, userId } = after;
  await appendEvents(tx, meta, [
    {
      type: "trigger.deactivated",
      subjectId: id,
      subjectVersion: version,
      payload: { eventType, name, userId, reason: "LOOP" },
      causeId: event.id,
    },
  ]);
  await writeAudit(tx, meta, [{ action: "trigger.deactivate", entityType: "trigger", entityId: id, before: trigger, after }]);
  return true;
}

/** Metadata of all rows that a run writes. The run's ID takes the place of the request ID. */
function metaOf({ keyring }: TriggerServices, { tenantId, userId }: TriggerRow, event: EventEnvelope, runId: string): WriteMeta {
  return {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    requestId: encodeId("triggerRun", runId),
    sessionId: null,
    address: null,
    traceId: event.traceId,
    causeId: event.id,
    keyring,
  };
}
