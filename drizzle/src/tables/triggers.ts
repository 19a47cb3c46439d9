import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Triggers: an event starts an instance of a definition, or fires a transition of the instances that it concerns. */
export const triggers = workflowsSchema.table(
  "triggers",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    eventType: text("event_type").notNull(),
    /** For `workflow.emitted`: the name that the definition emits. */
    eventName: text("event_name"),
    /** CEL expression over `event` and `payload`. If empty, the trigger reacts to all events of the type. */
    condition: text("condition").notNull().default(""),
    /** START | FIRE */
    action: text("action").notNull(),
    definitionKey: text("definition_key"),
    /** Data of a started instance: expressions by property. */
    data: jsonb("data").$type<Record<string, unknown>>(),
    /** CEL expression. No second instance is started while one with the same key has not ended. */
    correlationKey: text("correlation_key"),
    transition: text("transition"),
    /** Input of the transition: expressions by property. */
    input: jsonb("input").$type<Record<string, unknown>>(),
    /** SUBJECT | FIELD */
    correlation: text("correlation"),
    /** Indexed property of the data that must equal the value. */
    correlationField: text("correlation_field"),
    /** CEL expression. */
    correlationValue: text("correlation_value"),
    maxMatches: integer("max_matches").notNull().default(10),
    /** IGNORE | START */
    onNoMatch: text("on_no_match").notNull().default("IGNORE"),
    isActive: boolean("is_active").notNull().default(true),
    /** LOOP: the trigger caused itself and was deactivated. */
    stopReason: text("stop_reason"),
    /** Events up to this position are not considered. */
    afterPosition: bigint("after_position", { mode: "number" }).notNull().default(0),
    /** The user with whose rights the trigger acts: who last saved it. */
    userId: uuid("user_id").notNull(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const triggersFacts = facts(triggers, {
  public: `
    name event_type event_name condition action definition_key data correlation_key transition input correlation correlation_field
    correlation_value max_matches on_no_match is_active stop_reason after_position`,
  app: "own",
});

/** What triggers did with events: at most one row for each trigger and event. */
export const triggerRuns = workflowsSchema.table(
  "trigger_runs",
  {
    tenantId: tenantId(),
    id: id(),
    triggerId: uuid("trigger_id").notNull(),
    eventId: uuid("event_id").notNull(),
    eventType: text("event_type").notNull(),
    /** STARTED | FIRED | IGNORED | REJECTED | FAILED | DUPLICATE */
    outcome: text("outcome").notNull(),
    message: text("message"),
    correlationKey: text("correlation_key"),
    /** The started instance, or the one that an event with the same key started before. */
    instanceId: uuid("instance_id"),
    /** The instances that the trigger found, each with its outcome. */
    instances: jsonb("instances").$type<readonly TriggeredInstance[]>().notNull().default([]),
    attempts: integer("attempts").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const triggerRunsFacts = facts(triggerRuns, {
  public: "event_type outcome message correlation_key instances attempts",
  // Deleted with their trigger, by the foreign key.
  app: "write",
  // Deleted by age, unless the workflow that was started with the same key has not ended, or a replay needs them.
  worker: ["select(tenant_id,id,trigger_id,event_id,outcome,correlation_key,instance_id,created_at)", "delete"],
});

/** Replays: a trigger acts on the past events of a period, in the background. */
export const triggerReplays = workflowsSchema.table(
  "trigger_replays",
  {
    tenantId: tenantId(),
    id: id(),
    triggerId: uuid("trigger_id").notNull(),
    /** Version of the trigger when the replay was started. */
    triggerVersion: integer("trigger_version").notNull(),
    fromAt: at("from_at").notNull(),
    toAt: at("to_at").notNull(),
    /** Events after this position are examined. */
    startPosition: bigint("start_position", { mode: "number" }).notNull(),
    endPosition: bigint("end_position", { mode: "number" }).notNull(),
    /** Position up to which events were examined. */
    position: bigint("position", { mode: "number" }).notNull(),
    /** Time of the last event that was examined. */
    reachedAt: at("reached_at"),
    /** Number of events of the trigger's type and name that were examined. */
    examinedCount: integer("examined_count").notNull().default(0),
    /** Number of events on which the trigger acted. */
    runCount: integer("run_count").notNull().default(0),
    /** Number of runs that failed or were rejected. */
    failedCount: integer("failed_count").notNull().default(0),
    failuresInRow: integer("failures_in_row").notNull().default(0),
    /** RUNNING | COMPLETED | LIMIT_REACHED | STOPPED */
    status: text("status").notNull().default("RUNNING"),
    /** TRIGGER_INACTIVE | TRIGGER_CHANGED | RUNS_FAILED | INTERNAL_ERROR */
    stopReason: text("stop_reason"),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const triggerReplaysFacts = facts(triggerReplays, {
  public: `
    trigger_version from_at to_at start_position end_position position reached_at examined_count run_count failed_count failures_in_row
    status stop_reason finished_at`,
  // Deleted with their trigger, by the foreign key.
  app: [
    "select",
    "insert",
    "update(position,reached_at,examined_count,run_count,failed_count,failures_in_row,status,stop_reason,finished_at)",
  ],
  // Readable: the tenants with a replay to continue, and the triggers.
  worker: ["select(tenant_id,trigger_id,position,status,created_at)"],
  acrossTenants: "select",
});

/** What a trigger did with an instance that it found. */
export type TriggeredInstance = {
  readonly id: string;
  readonly outcome: "FIRED" | "REJECTED" | "FAILED";
  readonly message: string | null;
};
