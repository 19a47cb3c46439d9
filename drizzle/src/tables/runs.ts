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
    /** Values of the secret inputs, encrypted with the tenant's key. Null: there are none, or the run has ended. */
    secretInputs: text("secret_inputs"),
    /** The security profile as it was when the run began. */
    profile: jsonb("profile"),
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
