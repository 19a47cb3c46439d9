import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
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

export const slaCalendarsFacts = facts(slaCalendars, { public: "key calendar", app: "append" });

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

export const slaClocksFacts = facts(slaClocks, {
  public: `
    definition_key rule title phase paused_for is_paused_by_hand basis calendar_key target_seconds warn_seconds consumed_seconds entered_at
    started_at due_at warn_at breached_at ended_at told_seconds is_breach_told next_at entries`,
  app: [
    "select",
    "insert",
    "update(title,phase,paused_for,is_paused_by_hand,basis,calendar_key,target_seconds,warn_seconds,consumed_seconds,entered_at,due_at,warn_at,breached_at,ended_at,told_seconds,is_breach_told,next_at,entries)",
  ],
  // Readable: the tenants with a warning or a breach to announce.
  worker: ["select(tenant_id,next_at)"],
  acrossTenants: "select",
});

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
    /** The recomputation that wrote the entry. */
    recomputationId: uuid("recomputation_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.clockId, t.position] })],
);

export const slaIntervalsFacts = facts(slaIntervals, {
  public: "position phase cause from_at consumed_seconds target_seconds warn_seconds calendar_key",
  personal: { actor_id: "reason" },
  // The ledger: no entry is changed or deleted.
  app: "append",
});

/** Targets that replace those of definitions. */
export const slaPolicies = workflowsSchema.table(
  "sla_policies",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    /** Policies with lower positions are tried first. */
    position: integer("position").notNull(),
    /** Null: every definition. */
    definitionKey: text("definition_key"),
    /** Key of the rule in the definition; null: every rule. */
    sla: text("sla"),
    /** Key of the request type; null: every instance. */
    requestType: text("request_type"),
    /** CEL. If empty, the policy applies to all work. */
    condition: text("condition").notNull().default(""),
    target: text("target").notNull(),
    /** Null: those of the definition. */
    warnings: text("warnings").array(),
    /** Null: that of the definition. */
    calendar: text("calendar"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    deletedAt: at("deleted_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const slaPoliciesFacts = facts(slaPolicies, {
  public: "key name position definition_key sla request_type condition target warnings calendar deleted_at",
  // Excludes the key. Policies are never deleted, so that what clocks counted can be explained.
  app: [
    "select",
    "insert",
    "update(name,position,definition_key,sla,condition,target,warnings,calendar,version,updated_at,deleted_at,request_type)",
  ],
});

/** Versions of policies. Rows are only inserted. */
export const slaPolicyVersions = workflowsSchema.table(
  "sla_policy_versions",
  {
    tenantId: tenantId(),
    policyId: uuid("policy_id").notNull(),
    version: integer("version").notNull(),
    /** Null: the policy was deleted. */
    terms: jsonb("terms").$type<Readonly<Record<string, unknown>>>(),
    message: text("message"),
    authorId: uuid("author_id").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.policyId, t.version] })],
);

export const slaPolicyVersionsFacts = facts(slaPolicyVersions, { public: "terms", personal: { author_id: "message" }, app: "append" });

/** Recomputations of open clocks after a change of a policy or a calendar. */
export const slaRecomputations = workflowsSchema.table(
  "sla_recomputations",
  {
    tenantId: tenantId(),
    id: id(),
    /** POLICY_CHANGE | CALENDAR_CHANGE */
    cause: text("cause").notNull(),
    policyId: uuid("policy_id"),
    /** Null: clocks of all definitions. */
    definitionKey: text("definition_key"),
    /** Null: clocks of all teams. */
    teamId: uuid("team_id"),
    message: text("message"),
    requestedBy: uuid("requested_by"),
    /** Number of a transaction. Clocks are read once all transactions before it have ended. Null until the recomputation begins. */
    waitsFor: bigint("waits_for", { mode: "number" }),
    total: integer("total"),
    examined: integer("examined").notNull().default(0),
    lastInstanceId: uuid("last_instance_id"),
    createdAt: at("created_at").notNull(),
    completedAt: at("completed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const slaRecomputationsFacts = facts(slaRecomputations, {
  public: "cause definition_key waits_for total examined completed_at",
  personal: { requested_by: "message" },
  app: ["select", "insert", "update(waits_for,total,examined,last_instance_id,completed_at)"],
  // Readable: the tenants with clocks to recompute.
  worker: ["select(tenant_id,created_at,completed_at)"],
  acrossTenants: "select",
});

/** Exported view: the clocks of instances, for the lists of other subgraphs. */
export const slaHeads = workflowsSchema
  .view("sla_heads", {
    tenantId: uuid("tenant_id").notNull(),
    id: uuid("id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    name: text("name").notNull(),
    phase: text("phase").notNull(),
    warnAt: at("warn_at"),
    dueAt: at("due_at"),
    endedAt: at("ended_at"),
  })
  .existing();

export const slaHeadsFacts = facts(slaHeads, { app: "read" });

/** Exported view: the time when the next target of an instance is reached. Instances without a running clock have no row. */
export const slaNext = workflowsSchema
  .view("sla_next", { tenantId: uuid("tenant_id").notNull(), instanceId: uuid("instance_id").notNull(), dueAt: at("due_at").notNull() })
  .existing();

export const slaNextFacts = facts(slaNext, { app: "read" });
