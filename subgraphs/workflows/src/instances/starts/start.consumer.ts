/** Starts the instances that `start` actions of other instances have asked for. */
import { type EnvironmentName, openIncident, readInstance, reasonText, startInstance } from "@weft/engine";
import { NotFound, quote } from "@weft/shared/errors";
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { writeAudit } from "@weft/platform/audit";
import { chaos } from "@weft/platform/chaos";
import type { Tx } from "@weft/platform/db";
import { type EventConsumer, metaOfCause, metaOfWork, type WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { attempt } from "../../attempt.js";
import { startedFor } from "../../triggers/act/subject.js";
import { keepSubject } from "../../subjects/start-subject.js";
import { countStartsBefore } from "./start.store.js";

export const STARTS_CONSUMER = "workflowStarts";

/** How many instances can start each other in a row without a person or a timer. */
export const MAX_STARTS_IN_A_ROW = 4;

type Parts = Pick<Services, "keyring" | "log">;
type Requested = EventPayload<"workflow.start_requested">;

/**
 * Starts each instance once: its rows are in one transaction with the cursor. It belongs to the owner, the team and the environment of the instance that
 * asks for it, and is about the same object. If it cannot start, the instance that asked for it gets an incident. If it does not run any more, the
 * audit trail says why.
 */
export function startConsumer(parts: Parts): EventConsumer {
  return {
    name: STARTS_CONSUMER,
    types: ["workflow.start_requested"],
    handle: async (tx, event) => {
      const failure = await attemptStart(tx, parts, event);
      if (failure !== null) await tellFailure(tx, metaOfWork(STARTS_CONSUMER, event.tenantId, parts.keyring), event, failure);
      chaos("starts.done");
    },
  };
}

/** Returns why the instance cannot start. Null if it has started. */
async function attemptStart(tx: Tx, { keyring, log }: Parts, event: EventEnvelope): Promise<string | null> {
  if ((await countStartsBefore(tx, event)) >= MAX_STARTS_IN_A_ROW)
    return `It would be the one after ${MAX_STARTS_IN_A_ROW} that have started each other, which is the maximum.`;
  const { instanceId, starts: definitionKey, data } = event.payload as Requested;
  const subject = startedFor(event);
  const onBug = (error: unknown): void =>
    log.error({ err: error, tenantId: event.tenantId, event: event.id }, "a workflow was not started");
  const attempted = await attempt(tx, onBug, async (inner) => {
    if (subject && !(await keepSubject(inner, subject))) return `The ${subject.type} that it would be about has been deleted.`;
    const { ownerId, teamId, environment } = (await readInstance(inner, instanceId, { permission: "workflow.read" })).head;
    const starting = { definitionKey, environment: environment as EnvironmentName, data, ownerId, teamId, subject };
    await startInstance(inner, metaOfCause(event, keyring), starting);
    return null;
  });
  return "failure" in attempted ? attempted.failure.message : attempted.value;
}

async function tellFailure(tx: Tx, meta: WriteMeta, event: EventEnvelope, failure: string): Promise<void> {
  const { instanceId, starts } = event.payload as Requested;
  const reason = reasonText([`The workflow ${quote(starts)} was not started: ${failure}`]);
  try {
    if (await openIncident(tx, meta, instanceId, { kind: "JOB", message: reason, place: `definitions.${starts}` })) return;
  } catch (error) {
    // A request that has ended can be deleted with its workflow.
    if (!(error instanceof NotFound)) throw error;
  }
  await writeAudit(tx, meta, [
    { action: "workflow.failStart", entityType: "instance", entityId: instanceId, before: null, after: { starts, reason } },
  ]);
}
