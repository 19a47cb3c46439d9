import { integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** What an action of a level did. Members that do not apply are null or empty. */
export interface EscalationActionRow {
  readonly kind: "REASSIGN" | "PRIORITY" | "RAISE" | "NOTIFY" | "START" | "FIRE";
  /** Why it could not be done; null: it was. */
  readonly reason: string | null;
  readonly taskId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** UUIDs of the users, and of the teams, who were notified, or who got the task. */
  readonly userIds: readonly string[];
  readonly teamIds: readonly string[];
  readonly roles: readonly string[];
  /** UUID of the started instance. */
  readonly instanceId: string | null;
}

/** Chains of escalations that have begun: one for each entry of a state, task, or SLA clock. */
export const escalationRuns = workflowsSchema.table(
  "escalation_runs",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    /** Name of the escalation in the definition. */
    chain: text("chain").notNull(),
    title: text("title").notNull(),
    /** STATE | TASK | SLA */
    anchor: text("anchor").notNull(),
    /** The task from which it counts, or that its clock measures. */
    taskId: uuid("task_id"),
    clockId: uuid("clock_id"),
    /** When the state was entered, the task opened, or the clock started. */
    anchoredAt: at("anchored_at").notNull(),
    /** Position of the next level, from 0. */
    nextLevel: integer("next_level").notNull().default(0),
    /** How many escalations before it were due as soon as another one had begun them. */
    depth: integer("depth").notNull().default(0),
    startedAt: at("started_at").notNull(),
    endedAt: at("ended_at"),
    endReason: text("end_reason"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const escalationRunsFacts = facts(escalationRuns, {
  public: "definition_key chain title anchor anchored_at next_level depth started_at ended_at end_reason",
  app: ["select", "insert", "update(title,task_id,anchored_at,next_level,depth,ended_at,end_reason)"],
});

/** What levels did. Rows are only inserted. */
export const escalations = workflowsSchema.table(
  "escalations",
  {
    tenantId: tenantId(),
    id: id(),
    runId: uuid("run_id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    chain: text("chain").notNull(),
    title: text("title").notNull(),
    /** Number of the level, from 1. */
    level: integer("level").notNull(),
    anchor: text("anchor").notNull(),
    taskId: uuid("task_id"),
    dueAt: at("due_at").notNull(),
    occurredAt: at("occurred_at").notNull(),
    /** DONE | SKIPPED | FAILED */
    outcome: text("outcome").notNull(),
    reason: text("reason"),
    actions: jsonb("actions").notNull().default([]).$type<readonly EscalationActionRow[]>(),
    startedInstanceId: uuid("started_instance_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const escalationsFacts = facts(escalations, {
  public: "definition_key chain title level anchor due_at occurred_at outcome reason actions",
  // The history of levels: no row is changed or deleted.
  app: "append",
});
