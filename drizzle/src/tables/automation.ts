import { sql } from "drizzle-orm";
import { bigint, boolean, integer, jsonb, smallint, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
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
    /** RUNNING | PAUSED | STOPPING | COMPENSATING | SUCCEEDED | FAILED | CANCELLED */
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
    leftAt: at("left_at"),
    beganAt: at("began_at"),
    retriedFromId: uuid("retried_from_id"),
    isWatched: boolean("is_watched").notNull().default(false),
    attempts: integer("attempts").notNull().default(0),
    processorMs: bigint("processor_ms", { mode: "number" }).notNull().default(0),
    memoryBytes: bigint("memory_bytes", { mode: "number" }).notNull().default(0),
    calls: bigint("calls", { mode: "number" }).notNull().default(0),
    tokensIn: bigint("tokens_in", { mode: "number" }).notNull().default(0),
    tokensOut: bigint("tokens_out", { mode: "number" }).notNull().default(0),
    costMicros: bigint("cost_micros", { mode: "number" }).notNull().default(0),
    logLines: integer("log_lines").notNull().default(0),
    logBytes: integer("log_bytes").notNull().default(0),
    /** Values of the secret inputs, encrypted with the tenant's key. Null: there are none, or the run has ended. */
    secretInputs: text("secret_inputs"),
    /** The security profile as it was when the run began. */
    profile: jsonb("profile"),
    /** Whether it is paused only because its instance is suspended. */
    isSuspended: boolean("is_suspended").notNull().default(false),
    /** Transactions in a row that could not work on it, in all processes. */
    failedTransactions: integer("failed_transactions").notNull().default(0),
    /** The step whose failure ends the run. */
    failedStep: text("failed_step").generatedAlwaysAs(sql`(ending ->> 'step')`),
    /** What its programs have moved over their network. */
    sentBytes: bigint("sent_bytes", { mode: "number" }).notNull().default(0),
    receivedBytes: bigint("received_bytes", { mode: "number" }).notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const runsFacts = facts(runs, {
  public: `
    state instance_version status ending inputs outputs has_begun is_received due_at finished_at left_at began_at is_watched attempts
    processor_ms memory_bytes calls tokens_in tokens_out cost_micros log_lines log_bytes profile is_suspended failed_transactions
    failed_step sent_bytes received_bytes`,
  secret: "secret_inputs",
  app: [
    "select",
    "insert",
    "update(status,ending,outputs,has_begun,is_received,due_at,version,finished_at,secret_inputs,profile,left_at,began_at,retried_from_id,is_watched,attempts,processor_ms,memory_bytes,calls,tokens_in,tokens_out,cost_micros,log_lines,log_bytes,is_suspended,failed_transactions,sent_bytes,received_bytes)",
  ],
  // Readable: the tenants with due runs.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** The words of the inputs of runs, and of the errors that they have failed with. A trigger keeps them. */
export const runWords = workflowsSchema.table(
  "run_words",
  { tenantId: tenantId(), runId: uuid("run_id").notNull(), word: text("word").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.word] })],
);

export const runWordsFacts = facts(runWords, { public: "word", app: ["select", "insert"] });

/** The steps of a run, and the items of those that are done for a list. */
export const runSteps = workflowsSchema.table(
  "run_steps",
  {
    tenantId: tenantId(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    id: id(),
    /** PENDING | READY | RUNNING | WAITING | SUCCEEDED | FAILED | SKIPPED | CANCELLED */
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
    attemptStartedAt: at("attempt_started_at"),
    usage: jsonb("usage"),
    /** Steps of the tenant with the same queue share its limit. */
    queue: text("queue"),
    queueLimit: integer("queue_limit"),
    priority: smallint("priority").notNull().default(0),
    /** The task under which external workers can take it. Null: it is not offered. What is offered is not due. */
    offeredTask: text("offered_task"),
    /** Since when, or from when on, external workers can take it. */
    offeredAt: at("offered_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.step] })],
);

export const runStepsFacts = facts(runSteps, {
  public: `
    step status attempt failures lost outputs error not_before is_fallback is_parked ended item compensation compensation_attempt due_at
    started_at finished_at attempt_started_at usage queue queue_limit priority offered_task offered_at lease_token`,
  app: [
    "select",
    "insert",
    "update(status,attempt,failures,lost,outputs,error,not_before,is_fallback,is_parked,ended,compensation,compensation_attempt,due_at,lease_token,started_at,finished_at,attempt_started_at,usage,offered_task,offered_at)",
  ],
  // Readable: the tenants with due steps.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** Leases that external workers have taken. A row stays with its run, so that a report that is sent again gets the same answer. */
export const stepLeases = workflowsSchema.table(
  "step_leases",
  {
    tenantId: tenantId(),
    token: uuid("token").notNull(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    attempt: integer("attempt").notNull(),
    isCompensation: boolean("is_compensation").notNull(),
    /** The user who has taken it. Nobody else can report. */
    takenBy: uuid("taken_by").notNull(),
    takenAt: at("taken_at").notNull(),
    /** When the attempt has timed out. */
    endsAt: at("ends_at").notNull(),
    /** SUCCEEDED | FAILED | RELEASED. Null: nothing was reported yet. */
    result: text("result"),
    reportedAt: at("reported_at"),
    /** Lines of the log that were recorded. */
    logLines: integer("log_lines").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.token] })],
);

export const stepLeasesFacts = facts(stepLeases, {
  public: "step attempt is_compensation taken_at ends_at result reported_at log_lines token",
  app: ["select", "insert", "update(result,reported_at,log_lines)"],
});

/** Attempts that another one follows. The last attempt of a step is its row in `run_steps`. */
export const runAttempts = workflowsSchema.table(
  "run_attempts",
  {
    tenantId: tenantId(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    isCompensation: boolean("is_compensation").notNull(),
    attempt: integer("attempt").notNull(),
    /** FAILED | LOST */
    status: text("status").notNull(),
    error: jsonb("error"),
    usage: jsonb("usage"),
    startedAt: at("started_at"),
    finishedAt: at("finished_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.step, t.isCompensation, t.attempt] })],
);

export const runAttemptsFacts = facts(runAttempts, {
  public: "step is_compensation attempt status error usage started_at finished_at",
  app: ["select", "insert"],
});

/** Lines of the logs of runs, numbered from 1 in each run. */
export const runLogs = workflowsSchema.table(
  "run_logs",
  {
    tenantId: tenantId(),
    runId: uuid("run_id").notNull(),
    line: integer("line").notNull(),
    id: id(),
    step: text("step").notNull(),
    attempt: integer("attempt").notNull(),
    /** stdout | stderr | system */
    stream: text("stream").notNull(),
    text: text("text").notNull(),
    at: at("at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.line] })],
);

export const runLogsFacts = facts(runLogs, { public: "line step attempt stream text at", app: ["select", "insert"] });

/** Operations of this API that steps ask a gateway to run. A row lives until its step has read the result. */
export const stepOperations = workflowsSchema.table(
  "step_operations",
  {
    tenantId: tenantId(),
    id: id(),
    runId: uuid("run_id").notNull(),
    step: text("step").notNull(),
    /** Of the attempt that asks. Without it, nobody waits for the operation. */
    leaseToken: uuid("lease_token").notNull(),
    /** The owner of the instance, with whose rights it runs. Null: there is none. */
    userId: uuid("user_id"),
    query: text("query").notNull(),
    variables: jsonb("variables").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    /** Until then, a gateway is at it. Null: none has claimed it. */
    claimedUntil: at("claimed_until"),
    result: jsonb("result"),
    createdAt: at("created_at").notNull().defaultNow(),
    /** The authors of the agent that asks, and of those that have asked it, and what it was given. Null: the step itself asks. */
    authorIds: uuid("author_ids").array(),
    permissions: text("permissions").array(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const stepOperationsFacts = facts(stepOperations, {
  public: "step query variables idempotency_key claimed_until result author_ids permissions lease_token",
  // A row lives until its step has read the result.
  app: ["select", "insert", "update(claimed_until,result)", "delete"],
});

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
    /** What the event must have: `payload`: values of its payload; `subject`: what it is about, if that matters. */
    conditions: jsonb("conditions").$type<Readonly<Record<string, unknown>>>(),
    /** Payload of the event that has occurred. */
    payload: jsonb("payload").$type<Readonly<Record<string, unknown>>>(),
    /** When the step stops waiting, by the tenant's clock. */
    waitUntil: at("wait_until"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.runId, t.step] })],
);

export const stepWaitsFacts = facts(stepWaits, {
  public: "step attempt is_compensation event conditions payload wait_until",
  // A row lives as long as its step waits.
  app: ["select", "insert", "update(attempt,is_compensation,event,conditions,payload,wait_until)", "delete"],
  // Readable: the tenants with steps whose wait is over.
  worker: ["select(tenant_id,wait_until)"],
  acrossTenants: "select",
});
