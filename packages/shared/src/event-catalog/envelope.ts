import { z } from "zod";
import { newId } from "../ids/uuid-v7.js";

const envelope = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  position: z.int().positive(),
  type: z.string(),
  typeVersion: z.int(),
  subjectType: z.string(),
  subjectId: z.uuid(),
  subjectVersion: z.int(),
  related: z.record(z.string(), z.string()),
  payload: z.record(z.string(), z.unknown()),
  actorId: z.uuid(),
  onBehalfOf: z.uuid().nullable(),
  causeId: z.uuid().nullable(),
  requestId: z.string(),
  traceId: z.string().nullable(),
  occurredAt: z.string(),
});

/**
 * An event as the relay publishes it and as it is read from the log, with its gapless position in the tenant. IDs are UUIDs, times are ISO 8601 in
 * UTC.
 */
export type EventEnvelope = Readonly<z.infer<typeof envelope>>;

/** Parses a message of the channel `events`. Throws if it is not an envelope. */
export function parseEnvelope(message: string): EventEnvelope {
  return envelope.parse(JSON.parse(message));
}

const heads = z.array(z.object({ tenantId: z.uuid(), position: z.int().nonnegative() }));

/** Last positions of tenants. The relay announces them so that subscribers notice missed events. */
export type PositionHead = { readonly tenantId: string; readonly position: number };

/** Parses a message of the channel `heads`. */
export function parseHeads(message: string): readonly PositionHead[] {
  return heads.parse(JSON.parse(message));
}

const signal = z.object({ tenantId: z.uuid(), type: z.string(), subjectId: z.uuid() });

/** Types of signals. */
export const signalTypes = ["request.editors_changed"] as const;
export type SignalType = (typeof signalTypes)[number];

/** Something has changed that lasts for moments, and that no event records. Only subscriptions learn of it. */
export type Signal = { readonly tenantId: string; readonly type: SignalType; readonly subjectId: string };

/** Subject of a signal that stands for all those that may have been missed. */
export const ANY_SUBJECT = "";

/** Parses a message of the channel `signals`. Throws if it is not a signal. */
export function parseSignal(message: string): Omit<Signal, "type"> & { readonly type: string } {
  return signal.parse(JSON.parse(message));
}

/** Returns a signal as an event of this moment without a place in the log. */
export function signalEvent({ tenantId, type, subjectId }: ReturnType<typeof parseSignal>, position: number): EventEnvelope {
  const id = newId();
  return {
    id,
    tenantId,
    position,
    type,
    typeVersion: 1,
    subjectType: "signal",
    subjectId,
    subjectVersion: 0,
    related: {},
    payload: {},
    actorId: tenantId,
    onBehalfOf: null,
    causeId: null,
    requestId: id,
    traceId: null,
    occurredAt: new Date().toISOString(),
  };
}

/** Runs that one message of the channel `runs` names. */
export const MAX_NAMED_RUNS = 64;

const newRuns = z.array(z.object({ tenantId: z.uuid(), runId: z.uuid(), instanceId: z.uuid() })).max(MAX_NAMED_RUNS);

/** A run that has started and has not begun. */
export type NewRun = { readonly tenantId: string; readonly runId: string; readonly instanceId: string };

/** Returns the runs that a message of the channel `runs` names. Only a hint: a message that cannot be read names none. */
export function parseNewRuns(message: string): readonly NewRun[] {
  if (message === "") return [];
  try {
    return newRuns.parse(JSON.parse(message));
  } catch {
    return [];
  }
}

/** Names of the pub/sub channels. */
export const channels = {
  /** One envelope per message, ordered by position within a tenant. */
  events: "events",
  /** `PositionHead[]` */
  heads: "heads",
  /** `PositionHead[]`: sequences of the last sealed audit entries. */
  auditHeads: "auditHeads",
  /** One `Signal` per message. */
  signals: "signals",
  /** Empty messages that wake the relay after a commit. */
  outbox: "outbox",
  /** Empty messages that wake the email sender after a commit. */
  mails: "mails",
  /** Empty messages that wake the sender of webhooks after a commit. */
  webhooks: "webhooks",
  /** UUIDs of tenants with payloads of webhooks that a gateway should build. */
  webhookPayloads: "webhookPayloads",
  /** UUIDs of tenants with operations of steps that a gateway should run. */
  stepOperations: "stepOperations",
  /** UUIDs of operations of steps that have a result. */
  stepResults: "stepResults",
  /** Empty messages that wake the processor of bulk operations after a commit. */
  bulk: "bulk",
  /** Empty messages that wake the processor of due work (timers, schedules) after a commit. */
  dueWork: "dueWork",
  /** Empty messages that wake the verifier of audit trails after a commit. */
  auditVerifications: "auditVerifications",
  /** Empty messages that wake the sender of integration calls after a commit. */
  integrationCalls: "integrationCalls",
  /** Empty messages that wake the poller of integrations after a commit. */
  integrationPolls: "integrationPolls",
  /** Messages that wake the workers of runs of steps after a commit. They name runs that have started (`parseNewRuns`), or are empty. */
  runs: "runs",
  /** UUIDs of tenants with steps that external workers can take. */
  offeredSteps: "offeredSteps",
  /** `{ tenantId, sessionId }` or `{ tenantId, userId }`: rights that have ended. */
  revocations: "revocations",
  /** `{ tenantId }`: the tenant's configuration has changed. If null, that of all tenants. */
  configuration: "configuration",
} as const;
