import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { eventsSchema } from "./events.js";

/** Endpoints of tenants that receive events. */
export const webhooks = eventsSchema.table(
  "webhooks",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    url: text("url").notNull(),
    /** Null for events of all types. */
    eventTypes: text("event_types").array(),
    /** CEL expression over `event` and `payload`. If empty, the webhook receives all events of its types. */
    condition: text("condition").notNull().default(""),
    /** Names of the custom headers. */
    headerNames: text("header_names").array().notNull().default([]),
    /** Values of the custom headers by name, as encrypted JSON. */
    headers: text("headers"),
    /** Whether the events of a subject are delivered in order. */
    isOrdered: boolean("is_ordered").notNull().default(false),
    /** Requests per second. Null for no limit. */
    rateLimit: integer("rate_limit"),
    /** ACTIVE | PAUSED | DISABLED */
    status: text("status").notNull().default("ACTIVE"),
    /** GONE | FAILING: why Weft disabled it. */
    stopReason: text("stop_reason"),
    statusChangedAt: at("status_changed_at").notNull(),
    /** Encrypted. */
    secret: text("secret").notNull(),
    /** Encrypted. Signs in addition to the secret until it expires. */
    previousSecret: text("previous_secret"),
    previousSecretExpiresAt: at("previous_secret_expires_at"),
    /** Events up to this position are not delivered. */
    afterPosition: bigint("after_position", { mode: "number" }).notNull().default(0),
    /** GraphQL query that selects the payload. Null for the payload of the event. */
    payloadQuery: text("payload_query"),
    /** User with whose rights the query runs: the one who last changed the query or the destination. */
    payloadUserId: uuid("payload_user_id"),
    /** Raised whenever the query, its user, or the destination changes. Bodies of earlier generations are not sent any more. */
    payloadGeneration: integer("payload_generation").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const webhooksFacts = facts(webhooks, {
  public: `
    name url event_types condition header_names is_ordered rate_limit status stop_reason status_changed_at previous_secret_expires_at
    after_position payload_query payload_generation`,
  secret: "headers secret previous_secret",
  app: "own",
  // Readable: the webhooks with due deliveries.
  worker: ["select(tenant_id,id,is_ordered,status)"],
  acrossTenants: "select",
});

/** Health and rate of a webhook's endpoint. The row is the lock under which deliveries of the webhook are claimed. */
export const webhookStates = eventsSchema.table(
  "webhook_states",
  {
    tenantId: tenantId(),
    webhookId: uuid("webhook_id").notNull(),
    /** Failed attempts since the last success. */
    consecutiveFailures: integer("consecutive_failures").notNull().default(0),
    /** Start of the failures that count towards disabling. After days without a request, they start over. */
    failingSince: at("failing_since"),
    /** Time of the last failure. Null after a success. */
    lastFailedAt: at("last_failed_at"),
    /** The endpoint asked for a pause until then. */
    blockedUntil: at("blocked_until"),
    /** The endpoint has answered slowly, and gets one request at a time until then. */
    slowUntil: at("slow_until"),
    /** Since when the secret or the headers cannot be decrypted. Null if they can. */
    unreadableSince: at("unreadable_since"),
    /** Time up to which the rate limit is used up. */
    rateUsedUntil: at("rate_used_until"),
    /** What was wrong when a payload was built last. Null if nothing was. */
    payloadError: text("payload_error"),
    /** Subject after which the next search for deliveries begins, if the webhook is ordered. */
    lastSubjectId: uuid("last_subject_id"),
    /** Time of the last claim, accurate to the hour. Null if nothing was claimed yet. */
    lastClaimedAt: at("last_claimed_at"),
    /** First claim since two claims were last several days apart. Deliveries that had waited for days by then are not sent. */
    activeSince: at("active_since"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.webhookId] })],
);

export const webhookStatesFacts = facts(webhookStates, {
  public: `
    consecutive_failures failing_since last_failed_at blocked_until slow_until unreadable_since rate_used_until payload_error
    last_claimed_at active_since`,
  app: "write",
  worker: ["select(tenant_id,webhook_id,consecutive_failures,blocked_until,rate_used_until,last_subject_id,slow_until)"],
  acrossTenants: "select",
});

/** Deliveries of events to webhooks: one for each webhook and event, and one for each replay. */
export const webhookDeliveries = eventsSchema.table(
  "webhook_deliveries",
  {
    tenantId: tenantId(),
    id: id(),
    webhookId: uuid("webhook_id").notNull(),
    /** The order in which deliveries were queued. */
    seq: bigint("seq", { mode: "number" }).generatedAlwaysAsIdentity(),
    /** Value of the header `webhook-id`, the same for all deliveries of an event. */
    messageId: text("message_id").notNull(),
    /** Null for a test. */
    eventId: uuid("event_id"),
    eventType: text("event_type").notNull(),
    /** Subject of the event. Ordered webhooks receive its events in order. */
    subjectId: uuid("subject_id").notNull(),
    /** The delivery of the event that this one repeats. */
    replayOf: uuid("replay_of"),
    /** Body of a test, or the encrypted body with a selected payload. Other bodies are derived from the event. */
    body: text("body"),
    /** Whether the webhook's query selects the payload. */
    hasPayload: boolean("has_payload").notNull().default(false),
    /** When the gateway builds the body. While it does, the time after which it is built again. Null if nothing is to be built. */
    payloadDueAt: at("payload_due_at"),
    payloadAttempts: integer("payload_attempts").notNull().default(0),
    /** User with whose rights the payload was selected. */
    payloadUserId: uuid("payload_user_id"),
    /** Generation of the webhook's payload for which the body was built. */
    payloadGeneration: integer("payload_generation"),
    /** Claims in a row whose gateway ended without a result. Includes the one in progress. */
    payloadLapses: integer("payload_lapses").notNull().default(0),
    /** Since when the payload could not be built. Null if the last attempt did not fail. */
    payloadFailingSince: at("payload_failing_since"),
    /** PENDING | DELIVERED | FAILED | CANCELLED */
    status: text("status").notNull().default("PENDING"),
    /** Includes the one in progress. */
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at"),
    /** Until then, the sender with the claim token sends it. After that, another one can claim it. */
    leaseUntil: at("lease_until"),
    claimToken: uuid("claim_token"),
    /** Claims in a row whose sender ended without a result. */
    takeovers: integer("takeovers").notNull().default(0),
    /** HTTP status of the last response. */
    lastStatus: integer("last_status"),
    lastError: text("last_error"),
    lastLatencyMs: integer("last_latency_ms"),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const webhookDeliveriesFacts = facts(webhookDeliveries, {
  public: `
    seq message_id event_type has_payload payload_due_at payload_attempts payload_generation payload_lapses payload_failing_since status
    attempts next_attempt_at lease_until takeovers last_status last_error last_latency_ms finished_at claim_token`,
  // With a selected payload, a ciphertext of what a user can see, which can be about anybody. Deleted by age.
  secret: "body",
  copies: "last_error",
  app: "write",
  // Readable: which deliveries are due, and which are old. Their content is read as weft_app, in the tenant.
  worker: [
    "select(tenant_id,id,webhook_id,seq,event_id,subject_id,replay_of,status,next_attempt_at,lease_until,claim_token,created_at,finished_at,payload_due_at)",
    // Deliveries that wait for too long fail.
    "update(status,next_attempt_at,lease_until,claim_token,last_error,finished_at,payload_due_at)",
    "delete",
  ],
  acrossTenants: "select",
});

/** Attempts to deliver, each with its request and the bounded response. */
export const webhookAttempts = eventsSchema.table(
  "webhook_attempts",
  {
    tenantId: tenantId(),
    id: id(),
    deliveryId: uuid("delivery_id").notNull(),
    number: integer("number").notNull(),
    startedAt: at("started_at").notNull(),
    latencyMs: integer("latency_ms").notNull(),
    /** Without the values of custom headers. */
    requestHeaders: jsonb("request_headers").$type<Readonly<Record<string, string>>>().notNull(),
    /** HTTP status. Null if there was no response. */
    status: integer("status"),
    responseHeaders: jsonb("response_headers").$type<Readonly<Record<string, string>>>(),
    /** The first bytes. */
    responseBody: text("response_body"),
    /** Whether the response was longer than what is kept. */
    isTruncated: boolean("is_truncated").notNull().default(false),
    error: text("error"),
    /** User with whose rights the payload of the request was selected. Null if it was not selected. */
    payloadUserId: uuid("payload_user_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const webhookAttemptsFacts = facts(webhookAttempts, {
  public: "number started_at latency_ms request_headers status response_headers response_body is_truncated error",
  // Endpoints can repeat what they received.
  copies: "response_headers response_body error",
  app: "append",
});

/** Replays of past events: what a webhook has never received is queued in the background. */
export const replays = eventsSchema.table(
  "replays",
  {
    tenantId: tenantId(),
    id: id(),
    webhookId: uuid("webhook_id").notNull(),
    fromAt: at("from_at").notNull(),
    toAt: at("to_at").notNull(),
    /** Null for all types that the webhook receives. */
    eventTypes: text("event_types").array(),
    /** Events after this position are examined. */
    startPosition: bigint("start_position", { mode: "number" }).notNull(),
    endPosition: bigint("end_position", { mode: "number" }).notNull(),
    /** Position up to which events were examined. */
    position: bigint("position", { mode: "number" }).notNull(),
    /** Time of the last event that was queued or had been queued before. */
    reachedAt: at("reached_at"),
    queuedCount: integer("queued_count").notNull().default(0),
    /** RUNNING | COMPLETED | LIMIT_REACHED | STOPPED */
    status: text("status").notNull().default("RUNNING"),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const replaysFacts = facts(replays, {
  public: "from_at to_at event_types start_position end_position position reached_at queued_count status finished_at",
  // Deleted with their webhook, by the foreign key.
  app: ["select", "insert", "update(position,reached_at,queued_count,status,finished_at)"],
  // Readable: the tenants with a replay to continue.
  worker: ["select(tenant_id,webhook_id,position,status,created_at)"],
  acrossTenants: "select",
});
