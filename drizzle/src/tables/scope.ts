import { bigint, boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { vendorsSchema } from "./vendors.js";

/** What a project is to deliver. Changed directly until the first version is approved, then by approved changes only. */
export const scopeItems = vendorsSchema.table(
  "scope_items",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    title: text("title").notNull(),
    description: text("description").notNull().default(""),
    acceptanceCriteria: text("acceptance_criteria").array().notNull().default([]),
    /** PLANNED | IN_PROGRESS | DELIVERED | ACCEPTED. Not part of what is approved. */
    status: text("status").notNull().default("PLANNED"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    removedAt: at("removed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const scopeItemsFacts = facts(scopeItems, { public: "title description acceptance_criteria status removed_at", app: "write" });

/** Versions of the scope of projects. A trigger refuses changes. */
export const scopeVersions = vendorsSchema.table(
  "scope_versions",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    number: integer("number").notNull(),
    content: jsonb("content").notNull().$type<ScopeContent>(),
    /** SHA-256 (hex) of `vendors.scope_text` of the content. */
    hash: text("hash").notNull(),
    /** The change that has made it. Null for the first one. */
    changeId: uuid("change_id"),
    /** Null: a timer approved the change. */
    approvedBy: uuid("approved_by"),
    approvedAt: at("approved_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const scopeVersionsFacts = facts(scopeVersions, {
  public: "number content hash approved_at",
  // An approved version is never changed.
  app: "append",
});

/** Changes of approved scopes. A trigger on the log of events applies them at the end of their approval. */
export const scopeChanges = vendorsSchema.table(
  "scope_changes",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    number: integer("number").notNull(),
    /** IN_APPROVAL | APPLIED | REJECTED | STALE | WITHDRAWN */
    status: text("status").notNull().default("IN_APPROVAL"),
    /** Why the change is proposed. */
    reason: text("reason").notNull(),
    /** Why it is rejected, stale, or withdrawn. */
    outcomeReason: text("outcome_reason"),
    proposal: jsonb("proposal").notNull().$type<ScopeProposal>(),
    impact: jsonb("impact").notNull().$type<ScopeImpactContent>(),
    /** Null once it is written, or never will be. */
    application: jsonb("application").$type<ScopeApplication>(),
    /** Versions of the scope, the project, and the plan from which the impact was computed. */
    baseNumber: integer("base_number").notNull(),
    baseProjectVersion: integer("base_project_version").notNull(),
    basePlanVersion: integer("base_plan_version").notNull(),
    /** The version of the scope that the change has made. */
    appliedNumber: integer("applied_number"),
    /** The last approval. */
    instanceId: uuid("instance_id").notNull(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const scopeChangesFacts = facts(scopeChanges, {
  public: `
    number status reason outcome_reason proposal impact application base_number base_project_version base_plan_version applied_number`,
  app: "write",
});

/** The dates, the work, and the budget of a plan at one time. At most one of a project is the current one. */
export const projectBaselines = vendorsSchema.table(
  "project_baselines",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    number: integer("number").notNull(),
    name: text("name").notNull(),
    isCurrent: boolean("is_current").notNull().default(true),
    planVersion: integer("plan_version").notNull(),
    /** Version of the scope. Null: none was approved. */
    scopeNumber: integer("scope_number"),
    startAt: at("start_at").notNull(),
    finishAt: at("finish_at").notNull(),
    workMinutes: bigint("work_minutes", { mode: "number" }).notNull(),
    budgetAmount: bigint("budget_amount", { mode: "number" }),
    currency: text("currency"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectBaselinesFacts = facts(projectBaselines, {
  public: "number name is_current plan_version scope_number start_at finish_at work_minutes budget_amount currency",
  // Of a baseline, only whether it is the current one changes.
  app: ["select", "insert", "update(is_current,version)"],
});

/** Tasks of baselines. */
export const projectBaselineTasks = vendorsSchema.table(
  "project_baseline_tasks",
  {
    tenantId: tenantId(),
    baselineId: uuid("baseline_id").notNull(),
    taskId: uuid("task_id").notNull(),
    /** Place in the order of the plan. */
    place: integer("place").notNull(),
    name: text("name").notNull(),
    startAt: at("start_at").notNull(),
    finishAt: at("finish_at").notNull(),
    workMinutes: bigint("work_minutes", { mode: "number" }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.baselineId, t.taskId] })],
);

export const projectBaselineTasksFacts = facts(projectBaselineTasks, {
  public: "place name start_at finish_at work_minutes",
  app: "append",
});

/** In minor units of the currency. */
export interface ScopeBudget {
  readonly amount: number;
  readonly currency: string;
}

export interface ScopeItemContent {
  readonly title: string;
  readonly description: string;
  readonly acceptanceCriteria: readonly string[];
}

/** What a version of a scope contains. Days are YYYY-MM-DD. */
export interface ScopeContent {
  /** By ID (`sci_…`). IDs are in the order of creation. */
  readonly items: Readonly<Record<string, ScopeItemContent>>;
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  readonly budget: ScopeBudget | null;
}

/** What was asked for. IDs are UUIDs. Absent values stay as they are. */
export interface ScopeProposal {
  readonly addedItems: readonly (ScopeItemContent & { readonly id: string })[];
  readonly changedItems: readonly (Partial<ScopeItemContent> & { readonly id: string })[];
  readonly removedItems: readonly string[];
  readonly startsOn?: string | null;
  readonly endsOn?: string | null;
  readonly budget?: ScopeBudget;
  readonly changedTasks: readonly { readonly id: string; readonly durationMinutes?: number; readonly estimateMinutes?: number | null }[];
  readonly addedTasks: readonly ProposedTask[];
}

export interface ProposedTask {
  readonly id: string;
  readonly name: string;
  readonly durationMinutes: number;
  readonly estimateMinutes: number | null;
  readonly parentId: string | null;
  /** The task after which it starts, and the dependency on it. */
  readonly predecessorId: string | null;
  readonly dependencyId: string | null;
}

/** What a change does to the dates and the budget. Times are ISO 8601, IDs UUIDs. */
export interface ScopeImpactContent {
  readonly startAt: string;
  readonly newStartAt: string;
  readonly finishAt: string;
  readonly newFinishAt: string;
  readonly finishByMinutes: number;
  readonly isAfterLastDay: boolean;
  readonly workMinutes: number;
  readonly newWorkMinutes: number;
  readonly startsOn: string | null;
  readonly newStartsOn: string | null;
  readonly endsOn: string | null;
  readonly newEndsOn: string | null;
  readonly budget: ScopeBudget | null;
  readonly newBudget: ScopeBudget | null;
  readonly shiftedTasks: readonly {
    readonly taskId: string;
    readonly startAt: string;
    readonly finishAt: string;
    readonly newStartAt: string;
    readonly newFinishAt: string;
    readonly byMinutes: number;
  }[];
  readonly addedTasks: readonly { readonly name: string; readonly startAt: string; readonly finishAt: string }[];
  /** Between the versions of the scope. */
  readonly differences: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
  readonly newViolations: readonly { readonly taskId: string; readonly kind: string; readonly at: string; readonly byMinutes: number }[];
}

/** What the function `vendors.set_baseline` writes. */
export interface BaselineSnapshot {
  readonly name: string;
  readonly startAt: string;
  readonly finishAt: string;
  readonly workMinutes: number;
  readonly budgetAmount: number | null;
  readonly currency: string | null;
  readonly tasks: readonly {
    readonly taskId: string;
    readonly name: string;
    readonly startAt: string;
    readonly finishAt: string;
    readonly workMinutes: number;
  }[];
}

/** What the function `vendors.apply_scope_change` writes. IDs are UUIDs. */
export interface ScopeApplication {
  readonly content: ScopeContent;
  readonly items: {
    readonly added: readonly (ScopeItemContent & { readonly id: string })[];
    readonly changed: readonly (ScopeItemContent & { readonly id: string })[];
    readonly removed: readonly string[];
  };
  readonly project: {
    readonly startsOn: string | null;
    readonly endsOn: string | null;
    readonly budgetAmount: number | null;
    readonly currency: string | null;
    readonly changed: readonly string[];
  } | null;
  /** Properties of the data of the project's workflow. */
  readonly workflowData: Readonly<Record<string, number>> | null;
  readonly tasks: {
    readonly changed: readonly { readonly id: string; readonly durationMinutes: number; readonly estimateMinutes: number | null }[];
    readonly added: readonly (ProposedTask & { readonly position: number; readonly constraintKind: string })[];
  };
  readonly baseline: BaselineSnapshot;
}
