import { z } from "zod";

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

/** An event as the relay publishes it and as the log is read: with its gapless position in the tenant. Ids are UUIDs, times ISO 8601 UTC. */
export type EventEnvelope = Readonly<z.infer<typeof envelope>>;

/** Reads a message of the channel `events`; throws when it is not an envelope. */
export function parseEnvelope(message: string): EventEnvelope {
  return envelope.parse(JSON.parse(message));
}

const heads = z.array(z.object({ tenantId: z.uuid(), position: z.int().nonnegative() }));

/** Last positions of tenants, announced by the relay so that subscribers notice what they have missed. */
export type PositionHead = { readonly tenantId: string; readonly position: number };

/** Reads a message of the channel `heads`. */
export function parseHeads(message: string): readonly PositionHead[] {
  return heads.parse(JSON.parse(message));
}

/** Names of the pub/sub channels. */
export const channels = {
  /** One envelope per message, in the order of positions per tenant. */
  events: "events",
  /** `PositionHead[]` */
  heads: "heads",
  /** Empty messages that wake the relay after a commit. */
  outbox: "outbox",
  /** Empty messages that wake the sender of mails after a commit. */
  mails: "mails",
  /** Empty messages that wake whoever works off bulk operations after a commit. */
  bulk: "bulk",
  /** Empty messages that wake whoever verifies audit trails after a commit. */
  auditVerifications: "auditVerifications",
  /** `{ tenantId, sessionId }` or `{ tenantId, userId }`: rights that ended. */
  revocations: "revocations",
  /** `{ tenantId }`: its configuration changed; null: everybody's. */
  configuration: "configuration",
} as const;
