import { boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Calendars with which intervals were counted, by the hash of their content. */
export const slaCalendars = workflowsSchema.table(
  "sla_calendars",
  {
    tenantId: tenantId(),
    key: text("key").notNull(),
    /** Null: elapsed time. */
    calendar: jsonb("calendar").$type<{
      readonly timeZone: string;
      readonly workingHours: Readonly<Record<string, readonly { readonly from: string; readonly to: string }[]>>;
      readonly holidays: readonly { readonly date: string }[];
    }>(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] })],
);

/** The newest entry of each ledger of an SLA, and the times that follow from it. */
export const slaClocks = workflowsSchema.table(
  "sla_clocks",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    /** Only of a task's clock. */
    taskId: uuid("task_id"),
    definitionKey: text("definition_key").notNull(),
    /** Key of the rule in the definition. */
    rule: text("rule").notNull(),
    title: text("title").notNull(),
    /** RUN | PAUSE | MET | MISSED | CANCELLED */
    phase: text("phase").notNull(),
    pausedFor: text("paused_for"),
    isPausedByHand: boolean("is_paused_by_hand").notNull().default(false),
    /** Which target applies. */
    basis: text("basis").notNull(),
    calendarKey: text("calendar_key").notNull(),
    targetSeconds: integer("target_seconds").notNull(),
    warnSeconds: integer("warn_seconds").array().notNull(),
    /** Working seconds consumed before the newest entry. */
    consumedSeconds: integer("consumed_seconds").notNull(),
    enteredAt: at("entered_at").notNull(),
    startedAt: at("started_at").notNull(),
    dueAt: at("due_at"),
    warnAt: at("warn_at"),
    breachedAt: at("breached_at"),
    endedAt: at("ended_at"),
    toldSeconds: integer("told_seconds").notNull().default(0),
    isBreachTold: boolean("is_breach_told").notNull().default(false),
    /** When the next warning or the breach is announced. */
    nextAt: at("next_at"),
    entries: integer("entries").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Entries of the ledgers. Rows are only inserted. */
export const slaIntervals = workflowsSchema.table(
  "sla_intervals",
  {
    tenantId: tenantId(),
    clockId: uuid("clock_id").notNull(),
    position: integer("position").notNull(),
    instanceId: uuid("instance_id").notNull(),
    phase: text("phase").notNull(),
    cause: text("cause").notNull(),
    fromAt: at("from_at").notNull(),
    consumedSeconds: integer("consumed_seconds").notNull(),
    targetSeconds: integer("target_seconds").notNull(),
    warnSeconds: integer("warn_seconds").array().notNull(),
    calendarKey: text("calendar_key").notNull(),
    actorId: uuid("actor_id"),
    reason: text("reason"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.clockId, t.position] })],
);
