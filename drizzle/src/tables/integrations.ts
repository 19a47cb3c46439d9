import { boolean, integer, json, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { eventsSchema } from "./events.js";

/** Connections to systems of the tenant. Each uses a connector. */
export const integrations = eventsSchema.table(
  "integrations",
  {
    tenantId: tenantId(),
    id: id(),
    /** Workflow definitions reference it. */
    key: text("key").notNull(),
    name: text("name").notNull(),
    connector: text("connector").notNull(),
    configuration: jsonb("configuration").notNull().$type<Record<string, unknown>>(),
    /** Encrypted with the tenant's key. */
    credentials: text("credentials").notNull(),
    /** Which credentials are set. */
    credentialNames: text("credential_names").array().notNull().$type<readonly string[]>(),
    /** ACTIVE | PAUSED */
    status: text("status").notNull().default("ACTIVE"),
    /** UNKNOWN | HEALTHY | UNHEALTHY. That of the last check or call. */
    health: text("health").notNull().default("UNKNOWN"),
    checkedAt: at("checked_at"),
    lastError: text("last_error"),
    lastErrorAt: at("last_error_at"),
    /** Consecutive failures of the system, not of single calls. */
    failuresInRow: integer("failures_in_row").notNull().default(0),
    /** No call is sent until then. */
    blockedUntil: at("blocked_until"),
    /** Time at which it was last resumed after a pause. */
    resumedAt: at("resumed_at"),
    /** Clock hour (UTC) that `calls_in_hour` counts. */
    hourStartedAt: at("hour_started_at"),
    /** Attempts in that hour. */
    callsInHour: integer("calls_in_hour").notNull().default(0),
    /** No call is sent until then, because a limit per hour is reached. */
    limitedUntil: at("limited_until"),
    callCount: integer("call_count").notNull().default(0),
    failedCallCount: integer("failed_call_count").notNull().default(0),
    lastCalledAt: at("last_called_at"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const integrationsFacts = facts(integrations, {
  public: `
    key name connector configuration credential_names status health checked_at last_error last_error_at failures_in_row blocked_until
    resumed_at hour_started_at calls_in_hour limited_until call_count failed_call_count last_called_at`,
  secret: "credentials",
  // Excludes the connector: configuration and credentials are its own.
  app: [
    "select",
    "insert",
    "update(name,configuration,credentials,credential_names,status,health,checked_at,last_error,last_error_at,failures_in_row,blocked_until,call_count,failed_call_count,last_called_at,version,updated_at,resumed_at,hour_started_at,calls_in_hour,limited_until)",
    "delete",
  ],
  // Readable: which integrations are blocked or limited.
  worker: ["select(tenant_id,id,status,blocked_until,limited_until)"],
  acrossTenants: "select",
});

/** Calls of actions of integrations. A worker sends them after the commit. */
export const integrationCalls = eventsSchema.table(
  "integration_calls",
  {
    tenantId: tenantId(),
    id: id(),
    integrationKey: text("integration_key").notNull(),
    /** Null if there was no integration with that key. */
    integrationId: uuid("integration_id"),
    action: text("action").notNull(),
    /** JSON, encrypted with the tenant's key. */
    input: text("input").notNull(),
    /** PENDING | DONE | FAILED | UNKNOWN | DEAD | EXPIRED */
    status: text("status").notNull().default("PENDING"),
    attempts: integer("attempts").notNull().default(0),
    /** While an attempt runs: the time after which another worker can take the call over. */
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    /** The attempt that runs. It is fenced: a worker that reports late changes nothing. */
    claimToken: uuid("claim_token"),
    /** JSON, encrypted with the tenant's key. */
    result: text("result"),
    error: text("error"),
    /** The event of the workflow that caused the call. */
    eventId: uuid("event_id"),
    instanceId: uuid("instance_id"),
    /** What its result does to the instance. */
    followUp: jsonb("follow_up").$type<CallFollowUp>(),
    /** DONE | SKIPPED | FAILED */
    followUpStatus: text("follow_up_status"),
    followUpError: text("follow_up_error"),
    /** Null if a workflow made the call. */
    createdBy: uuid("created_by"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const integrationCallsFacts = facts(integrationCalls, {
  public: "integration_key action status attempts next_attempt_at error follow_up follow_up_status follow_up_error finished_at claim_token",
  secret: "input result",
  // What is called cannot be changed. Deleted with their integration, by the foreign key.
  app: [
    "select",
    "insert",
    "update(input,status,attempts,next_attempt_at,claim_token,result,error,follow_up_status,follow_up_error,version,updated_at,finished_at)",
  ],
  // Readable: the tenants with calls to send, and whether a workflow waits for a result. Deleted by age. Inputs and results are read as weft_app, in the tenant.
  worker: ["select(tenant_id,integration_id,status,next_attempt_at,instance_id,follow_up_status,follow_up_error,finished_at)", "delete"],
  acrossTenants: "select",
});

/** What is polled in the systems of integrations, and how its items become custom events. */
export const integrationTriggers = eventsSchema.table(
  "integration_triggers",
  {
    tenantId: tenantId(),
    id: id(),
    integrationId: uuid("integration_id").notNull(),
    name: text("name").notNull(),
    /** Key of the trigger of the connector. */
    trigger: text("trigger").notNull(),
    configuration: jsonb("configuration").notNull().$type<Record<string, unknown>>(),
    intervalSeconds: integer("interval_seconds").notNull(),
    /** Name of the custom event that an item becomes. */
    eventType: text("event_type").notNull(),
    /** CEL expression over `body`, the item. If empty, every item becomes an event. */
    condition: text("condition").notNull().default(""),
    /** Expressions by property of the event's payload. Null: the payload is the item. */
    payload: json("payload").$type<Record<string, unknown>>(),
    /** Expression: ID of the object that the event is about. */
    subject: text("subject"),
    /** ACTIVE | PAUSED */
    status: text("status").notNull().default("ACTIVE"),
    /** Whether the next start publishes what exists already. */
    isFromBeginning: boolean("is_from_beginning").notNull().default(false),
    /** Null: the next poll starts, and finds the cursor. */
    startedAt: at("started_at"),
    /** JSON, encrypted with the tenant's key. Null: everything is new. */
    cursor: text("cursor"),
    /** While a poll runs: the time after which another worker can take it over. */
    nextPollAt: at("next_poll_at").notNull().defaultNow(),
    /** The poll that runs. It is fenced: a worker that reports late changes nothing. */
    claimToken: uuid("claim_token"),
    lastPolledAt: at("last_polled_at"),
    lastSucceededAt: at("last_succeeded_at"),
    /** Consecutive polls that failed. */
    failuresInRow: integer("failures_in_row").notNull().default(0),
    /** Encrypted with the tenant's key. */
    lastError: text("last_error"),
    lastErrorAt: at("last_error_at"),
    /** Items by what became of them. */
    publishedCount: integer("published_count").notNull().default(0),
    ignoredCount: integer("ignored_count").notNull().default(0),
    failedCount: integer("failed_count").notNull().default(0),
    /** The user in whose name the events are published: who last saved the trigger. */
    userId: uuid("user_id").notNull(),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const integrationTriggersFacts = facts(integrationTriggers, {
  public: `
    name trigger configuration interval_seconds event_type condition payload subject status is_from_beginning started_at next_poll_at
    last_polled_at last_succeeded_at failures_in_row last_error_at published_count ignored_count failed_count claim_token`,
  // Ciphertexts of values of another system, which can be about anybody.
  secret: "cursor last_error",
  // What is polled, and of which integration, cannot be changed. Deleted with their integration, too, by the foreign key.
  app: [
    "select",
    "insert",
    "update(name,configuration,interval_seconds,event_type,condition,payload,subject,status,is_from_beginning,started_at,cursor,next_poll_at,claim_token,last_polled_at,last_succeeded_at,failures_in_row,last_error,last_error_at,published_count,ignored_count,failed_count,user_id,version,updated_at)",
    "delete",
  ],
  // Readable: the tenants with a poll to run. The rest is read as weft_app, in the tenant.
  worker: ["select(tenant_id,integration_id,status,next_poll_at)"],
  acrossTenants: "select",
});

/** What the result of a call does to its instance. */
export interface CallFollowUp {
  /** Path in the data that the result is written to. */
  readonly into: readonly string[] | null;
  /** Transition that success fires. */
  readonly onSuccess: string | null;
  /** Transition that a final failure fires. */
  readonly onFailure: string | null;
  /**
   * Version of the instance after the change that made the call. Its transitions act until another state is entered. Absent in calls of older
   * releases, whose transitions act in any visit.
   */
  readonly settledVersion?: number | undefined;
}
