import { boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** A schedule, which starts instances of a definition at planned times. */
export const schedules = workflowsSchema.table(
  "schedules",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    definitionKey: text("definition_key").notNull(),
    /** DEV | STAGING | PROD */
    environment: text("environment").notNull(),
    /** Data of the instances. Its texts can contain placeholders. */
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    teamId: uuid("team_id"),
    /** User on whose behalf instances are started. */
    ownerId: uuid("owner_id").notNull(),
    /** Cron expression. Exactly one of `cron`, `everySeconds` and `runAt` is set. */
    cron: text("cron"),
    everySeconds: integer("every_seconds"),
    runAt: at("run_at"),
    timeZone: text("time_zone").notNull(),
    startsAt: at("starts_at"),
    endsAt: at("ends_at"),
    jitterSeconds: integer("jitter_seconds").notNull(),
    /** SKIP | RUN_ONCE | RUN_ALL */
    missedRuns: text("missed_runs").notNull(),
    catchUpSeconds: integer("catch_up_seconds").notNull(),
    /** ALLOW | SKIP | QUEUE | CANCEL_OLD */
    overlap: text("overlap").notNull(),
    queueLimit: integer("queue_limit").notNull(),
    /** Number of consecutive failed runs after which the schedule pauses itself. */
    maxFailures: integer("max_failures").notNull(),
    failuresInRow: integer("failures_in_row").notNull().default(0),
    /** Attempts of workers at the schedule since the last one that came to an end. More than one: a process has ended in the middle. */
    attempts: integer("attempts").notNull().default(0),
    /** When the last of them began, in true time. Null: it came to an end. */
    attemptedAt: at("attempted_at"),
    /** ACTIVE | PAUSED | ENDED */
    status: text("status").notNull().default("ACTIVE"),
    pauseReason: text("pause_reason"),
    /** Null if the schedule paused itself. */
    pausedBy: uuid("paused_by"),
    pausedAt: at("paused_at"),
    pausedUntil: at("paused_until"),
    /** Time of the last change of the planned times. Intervals are counted from it, unless the schedule has a start. */
    plannedSince: at("planned_since").notNull(),
    nextPlannedAt: at("next_planned_at"),
    /** Next planned time plus jitter. */
    nextRunAt: at("next_run_at"),
    /** When a worker must look at the schedule: for the next run, or for a waiting one. */
    dueAt: at("due_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const schedulesFacts = facts(schedules, {
  public: `
    name definition_key environment data cron every_seconds run_at time_zone starts_at ends_at jitter_seconds missed_runs catch_up_seconds
    overlap queue_limit max_failures failures_in_row attempts attempted_at status paused_at paused_until planned_since next_planned_at
    next_run_at due_at`,
  personal: { paused_by: "pause_reason" },
  app: "own",
  // Readable: the tenants with due schedules.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** A run of a schedule. A planned time has at most one. */
export const scheduleRuns = workflowsSchema.table(
  "schedule_runs",
  {
    tenantId: tenantId(),
    id: id(),
    scheduleId: uuid("schedule_id").notNull(),
    plannedAt: at("planned_at").notNull(),
    /** SCHEDULED | MANUAL | BACKFILL */
    kind: text("kind").notNull(),
    /** QUEUED | STARTED | FAILED | SKIPPED | MISSED. The instance of a started run says how it continued. */
    status: text("status").notNull(),
    instanceId: uuid("instance_id"),
    code: text("code"),
    message: text("message"),
    /** User who requested a manual or backfilled run. */
    requestedBy: uuid("requested_by"),
    createdAt: at("created_at").notNull(),
    startedAt: at("started_at"),
    /** Whether its instance has not ended, as far as a worker has seen. Can be true too long, never false too early. */
    isOpen: boolean("is_open").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const scheduleRunsFacts = facts(scheduleRuns, { public: "planned_at kind status code message started_at is_open", app: "write" });
