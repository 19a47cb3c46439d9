import { boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Runs of the steps of a state. One for each time that the instance enters it. */
export const runs = workflowsSchema.table(
  "runs",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    definitionId: uuid("definition_id").notNull(),
    state: text("state").notNull(),
    instanceVersion: integer("instance_version").notNull(),
    /** RUNNING | PAUSED | STOPPING | COMPENSATING | SUCCEEDED | FAILED | CANCELED */
    status: text("status").notNull().default("RUNNING"),
    ending: jsonb("ending"),
    inputs: jsonb("inputs").notNull(),
    outputs: jsonb("outputs"),
    hasBegun: boolean("has_begun").notNull().default(false),
    isReceived: boolean("is_received").notNull().default(false),
    dueAt: at("due_at"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** The steps of a run, and the items of those that are done for a list. */
export const runSteps = workflowsSchema.table(
  "run_steps",
  {
    tenantId: tenantId(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    id: id(),
    /** PENDING | READY | RUNNING | WAITING | SUCCEEDED | FAILED | SKIPPED | CANCELED */
    status: text("status").notNull(),
    attempt: integer("attempt").notNull().default(0),
    failures: integer("failures").notNull().default(0),
    lost: integer("lost").notNull().default(0),
    outputs: jsonb("outputs"),
    error: jsonb("error"),
    notBefore: at("not_before"),
    isFallback: boolean("is_fallback").notNull().default(false),
    isParked: boolean("is_parked").notNull().default(false),
    ended: integer("ended"),
    item: jsonb("item"),
    compensation: text("compensation"),
    compensationAttempt: integer("compensation_attempt").notNull().default(0),
    dueAt: at("due_at"),
    leaseToken: uuid("lease_token"),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.step] })],
);

/** Operations of this API that steps ask a gateway to run. A row lives until its step has read the result. */
export const stepOperations = workflowsSchema.table(
  "step_operations",
  {
    tenantId: tenantId(),
    id: id(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    /** The owner of the instance, with whose rights it runs. Null: there is none. */
    userId: uuid("user_id"),
    query: text("query").notNull(),
    variables: jsonb("variables").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    /** Until then, a gateway is at it. */
    claimedUntil: at("claimed_until"),
    result: jsonb("result"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** What attempts of steps wait for. A row lives as long as the step waits. */
export const stepWaits = workflowsSchema.table(
  "step_waits",
  {
    tenantId: tenantId(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    attempt: integer("attempt").notNull(),
    isCompensation: boolean("is_compensation").notNull(),
    /** Type of the event, or the name under which a workflow emits it. Null: it waits only for a time. */
    event: text("event"),
    /** Values that the payload must have. */
    conditions: jsonb("conditions").$type<Readonly<Record<string, unknown>>>(),
    /** Payload of the event that has occurred. */
    payload: jsonb("payload").$type<Readonly<Record<string, unknown>>>(),
    /** When the step stops waiting, by the tenant's clock. */
    waitUntil: at("wait_until"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.step] })],
);
