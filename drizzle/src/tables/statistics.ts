import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, bytea, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Sums of what instances did, by period, team, definition version, environment and state. */
export const statistics = workflowsSchema.table(
  "statistics",
  {
    tenantId: tenantId(),
    /** Zeros for the sums of all teams. */
    teamId: uuid("team_id").notNull(),
    /** Length of the period in seconds. 0 for the present. */
    span: integer("span").notNull(),
    startsAt: at("starts_at").notNull(),
    definitionId: uuid("definition_id").notNull(),
    environment: text("environment").notNull(),
    /** Empty for instances as a whole. */
    state: text("state").notNull(),
    /** Name of what was counted → number. */
    counts: jsonb("counts").notNull().$type<Record<string, number>>(),
    /** Sum of the durations in milliseconds. */
    ms: bigint("ms", { mode: "number" }).notNull(),
    /** Packed sketch of the durations. Null if there were none. */
    durations: bytea("durations"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.teamId, t.span, t.startsAt, t.definitionId, t.environment, t.state] })],
);

export const statisticsFacts = facts(statistics, {
  // The counts name the users who completed tasks by their IDs.
  public: "span starts_at environment state counts ms durations",
  app: "write",
});

/** How each instance is counted in the statistics. */
export const statisticsInstances = workflowsSchema.table(
  "statistics_instances",
  {
    tenantId: tenantId(),
    instanceId: uuid("instance_id").notNull(),
    version: integer("version").notNull(),
    definitionId: uuid("definition_id").notNull(),
    teamId: uuid("team_id"),
    state: text("state").notNull(),
    status: text("status").notNull(),
    isFinished: boolean("is_finished").notNull(),
    /** Time when the instance entered the state. */
    enteredAt: at("entered_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.instanceId] })],
);

export const statisticsInstancesFacts = facts(statisticsInstances, { public: "state status is_finished entered_at", app: "write" });
