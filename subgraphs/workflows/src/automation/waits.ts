/** Lets waiting steps of runs go on: with the event that they wait for, or when their time has come. */
import {
  deliverEvents,
  endStepWaits,
  findTenantsWithStepWaits,
  nextStepWait,
  WAITS_CONSUMER,
  workOnRuns,
  type NamedEvent,
} from "@weft/engine";
import { type EventEnvelope, publishedEvent, triggeringTypes } from "@weft/shared/event-catalog";
import { asTenant } from "@weft/platform/db";
import { type EventConsumer, metaOfWork, noteDueRuns, wakeRelay } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import type { DueSource } from "../due-work/due-source.js";

/** A look at a step that waits never hands out work, so the lease has no meaning. */
const NO_LEASE_SECONDS = 1;

/**
 * Gives events to the steps that wait for them. The match and the cursor are one transaction, so each event counts once, and none that is committed after
 * a step began to wait is missed.
 */
export function waitConsumer({ pubsub, log }: Pick<Services, "pubsub" | "log">): EventConsumer {
  return {
    name: WAITS_CONSUMER,
    types: triggeringTypes,
    optInTypes: ["workflow.event_awaited"],
    handle: async (tx, event) => void (await deliverEvents(tx, namesOf(event))),
    handleBatch: async (tx, events) => void (await deliverEvents(tx, events.flatMap(namesOf))),
    onCommitted: () => {
      noteDueRuns();
      wakeRelay(pubsub, log);
    },
  };
}

/** An event has the name of its type. What a workflow or the organization itself names has that name as well, with its own payload. */
function namesOf(event: EventEnvelope): NamedEvent[] {
  const { type, payload, event: shown } = publishedEvent(event);
  const { id: subject } = shown["subject"] as { readonly id: string };
  if (event.type !== "workflow.emitted") return [{ name: type, subject, payload }];
  const { name, payload: emitted } = payload as { readonly name: string; readonly payload: NamedEvent["payload"] };
  return [
    { name: type, subject, payload },
    { name, subject, payload: emitted },
  ];
}

/** The waits of steps for times of the tenant's clock, as a source of due work. */
export function dueStepWaits({
  databases,
  pubsub,
  keyring,
  secrets,
  log,
}: Pick<Services, "databases" | "pubsub" | "keyring" | "secrets" | "log">): DueSource {
  return {
    name: "step waits",
    find: findTenantsWithStepWaits,
    next: nextStepWait,
    run: async (tenantId, limit, signal) => {
      const meta = metaOfWork("runs", tenantId, keyring);
      if (signal.aborted) return 0;
      const { ended, due } = await asTenant(databases.app, { tenantId }, "write", (tx) => endStepWaits(tx, limit));
      // Those that are not looked at here, because others have locked their runs, are due for the workers.
      const work = { results: [], due, room: 0, leaseSeconds: NO_LEASE_SECONDS, secrets, skipLocked: true };
      await asTenant(databases.app, { tenantId }, "write", (tx) => workOnRuns(tx, meta, work));
      noteDueRuns();
      if (ended > 0) wakeRelay(pubsub, log);
      return ended;
    },
  };
}
