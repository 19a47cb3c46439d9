import { sql } from "drizzle-orm";
import { bigint, boolean, date, integer, jsonb, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const vendorsSchema = pgSchema("vendors");

/** Companies that work for a tenant. */
export const vendors = vendorsSchema.table(
  "vendors",
  {
    tenantId: tenantId(),
    id: id(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    phone: text("phone"),
    categories: text("categories").array().notNull().default([]),
    /** ONBOARDING | ACTIVE | SUSPENDED | BLOCKED | REJECTED | INACTIVE */
    status: text("status").notNull().default("ACTIVE"),
    /** Why the vendor has its status, for users of the organization. Null if nobody gave a reason. */
    statusReason: text("status_reason"),
    statusChangedAt: at("status_changed_at").notNull().defaultNow(),
    /** The last onboarding. Null: the vendor was created as active. */
    instanceId: uuid("instance_id"),
    /** Values of custom fields, and the version of their schema against which they were validated (0: none). */
    fields: jsonb("fields").notNull().default({}).$type<Record<string, unknown>>(),
    fieldsVersion: integer("fields_version").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Ratings of vendors by users for whom they completed a request. */
export const ratings = vendorsSchema.table(
  "ratings",
  {
    tenantId: tenantId(),
    id: id(),
    vendorId: uuid("vendor_id").notNull(),
    requestId: uuid("request_id").notNull(),
    ratedBy: uuid("rated_by").notNull(),
    /** 1 to 5 */
    stars: smallint("stars").notNull(),
    comment: text("comment"),
    /** Whether users of the vendor can read the comment. */
    isForVendor: boolean("is_for_vendor").notNull().default(false),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** What vendors did for requests: a row for each assignment of a request to a vendor. Triggers keep it in the transactions of the events. */
export const work = vendorsSchema.table(
  "work",
  {
    tenantId: tenantId(),
    id: id(),
    vendorId: uuid("vendor_id").notNull(),
    requestId: uuid("request_id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** The instance's version that assigned it. */
    version: integer("version").notNull(),
    /** OPEN | COMPLETED | ENDED | REASSIGNED. ENDED: the request was rejected or canceled. */
    outcome: text("outcome").notNull().default("OPEN"),
    assignedAt: at("assigned_at").notNull(),
    /** The first transition or comment by a user of the vendor. */
    respondedAt: at("responded_at"),
    endedAt: at("ended_at"),
    /** How often the request was reopened. */
    reopened: integer("reopened").notNull().default(0),
    /** Whether all SLA clocks that ended during the work were met. Null if none ended. */
    isSlaMet: boolean("is_sla_met"),
    stars: smallint("stars"),
    ratedAt: at("rated_at"),
    /** Whether the request is deleted. */
    isDeleted: boolean("is_deleted").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Sums of the work of vendors by day (UTC). The rows of a day are differences, which add up to its sums. */
export const workDays = vendorsSchema.table(
  "work_days",
  {
    tenantId: tenantId(),
    vendorId: uuid("vendor_id").notNull(),
    day: date("day", { mode: "string" }).notNull(),
    id: id(),
    assigned: integer("assigned").notNull(),
    responded: integer("responded").notNull(),
    /** Microseconds, which add up without rounding. */
    responseUs: bigint("response_us", { mode: "bigint" }).notNull(),
    completed: integer("completed").notNull(),
    completionUs: bigint("completion_us", { mode: "bigint" }).notNull(),
    reopened: integer("reopened").notNull(),
    measured: integer("measured").notNull(),
    met: integer("met").notNull(),
    rated: integer("rated").notNull(),
    stars: integer("stars").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.vendorId, t.day, t.id] })],
);

/** Projects. A project's state is stored in its instance. Vendors see those that they are assigned. */
export const projects = vendorsSchema.table(
  "projects",
  {
    tenantId: tenantId(),
    id: id(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    instanceId: uuid("instance_id").notNull(),
    /** First and last day. */
    startsOn: date("starts_on", { mode: "string" }),
    endsOn: date("ends_on", { mode: "string" }),
    /** `startsOn` and `endsOn` for sorting: `infinity` without a day. Generated by the database. */
    startsOrder: date("starts_order", { mode: "string" })
      .notNull()
      .generatedAlwaysAs(sql`'infinity'::date`),
    endsOrder: date("ends_order", { mode: "string" })
      .notNull()
      .generatedAlwaysAs(sql`'infinity'::date`),
    /** User who is in charge. */
    managerId: uuid("manager_id"),
    /** In minor units of `currency` (ISO 4217). */
    budgetAmount: bigint("budget_amount", { mode: "number" }),
    currency: text("currency"),
    createdBy: uuid("created_by").notNull(),
    /** Hides the project, by a policy. `deletedAt` and `deletedBy` are set, too. */
    isDeleted: boolean("is_deleted").notNull().default(false),
    deletedAt: at("deleted_at"),
    deletedBy: uuid("deleted_by"),
    /** Values of custom fields, and the version of their schema against which they were validated (0: none). */
    fields: jsonb("fields").notNull().default({}).$type<Record<string, unknown>>(),
    fieldsVersion: integer("fields_version").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Contracts with vendors. What was agreed is in their versions. */
export const contracts = vendorsSchema.table(
  "contracts",
  {
    tenantId: tenantId(),
    id: id(),
    number: text("number").notNull(),
    /** SERVICE | SUPPLY | MAINTENANCE | FRAMEWORK | OTHER */
    kind: text("kind").notNull(),
    /** DRAFT | IN_APPROVAL | SIGNED | ACTIVE | EXPIRED | TERMINATED. The first two only until a version is signed. */
    status: text("status").notNull().default("DRAFT"),
    vendorId: uuid("vendor_id").notNull(),
    projectId: uuid("project_id"),
    ownerId: uuid("owner_id").notNull(),
    /** Never shown to users of the vendor. */
    ownerNotes: text("owner_notes").notNull().default(""),
    /** Of the version in force, or of the draft as long as none is signed. The same applies to the amount and the days. */
    title: text("title").notNull(),
    /** In minor units of `currency` (ISO 4217). */
    amount: bigint("amount", { mode: "number" }).notNull(),
    currency: text("currency").notNull(),
    startsOn: date("starts_on", { mode: "string" }).notNull(),
    /** Last day. Null: no fixed end. */
    endsOn: date("ends_on", { mode: "string" }),
    /** The version in force. Null until one is signed. */
    signedNumber: integer("signed_number"),
    /** Days before the last day for a notice at which the owner is reminded. */
    reminderDays: integer("reminder_days").array().notNull().default([90, 60, 30, 7]),
    /** The last reminder: the end that it was about, and its days. */
    remindedFor: date("reminded_for", { mode: "string" }),
    remindedDays: integer("reminded_days"),
    /** First day on which a terminated contract is no longer in force. */
    terminatesOn: date("terminates_on", { mode: "string" }),
    terminationReason: text("termination_reason"),
    /** When a worker looks at the contract again. */
    dueAt: at("due_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    deletedAt: at("deleted_at"),
    deletedBy: uuid("deleted_by"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Versions of contracts: what was agreed. At most one version of a contract is not signed; a trigger refuses changes of the signed ones. */
export const contractVersions = vendorsSchema.table(
  "contract_versions",
  {
    tenantId: tenantId(),
    contractId: uuid("contract_id").notNull(),
    number: integer("number").notNull(),
    /** Of the contract, for the policy. */
    vendorId: uuid("vendor_id").notNull(),
    /** DRAFT | IN_APPROVAL | SIGNED */
    status: text("status").notNull().default("DRAFT"),
    content: jsonb("content").notNull().$type<ContractContent>(),
    /** SHA-256 (hex) of `vendors.contract_text` of the signed content. */
    hash: text("hash"),
    /** The last approval. */
    instanceId: uuid("instance_id"),
    /** Why the last approval ended without a signature. Empty if no reason was given. */
    reason: text("reason"),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    submittedBy: uuid("submitted_by"),
    submittedAt: at("submitted_at"),
    signedAt: at("signed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contractId, t.number] })],
);

/** What the parties agree on. Absent values are null, so that every version has the same members. */
export interface ContractContent {
  readonly title: string;
  readonly parties: readonly ContractPartyContent[];
  /** `amount` in minor units of `currency`. */
  readonly amount: { readonly amount: number; readonly currency: string };
  /** YYYY-MM-DD */
  readonly startsOn: string;
  /** YYYY-MM-DD, the last day. Null: no fixed end. */
  readonly endsOn: string | null;
  readonly noticeDays: number;
  readonly renewal: "NONE" | "MANUAL" | "AUTOMATIC";
  /** Months by which a renewal extends the contract. Null unless `renewal` is AUTOMATIC. */
  readonly renewalMonths: number | null;
  readonly obligations: readonly ContractObligationContent[];
  readonly terms: string;
  /** Attachments of the contract when the version was submitted, with the SHA-256 of their bytes. */
  readonly documents: readonly { readonly name: string; readonly sha256: string }[];
}

export interface ContractPartyContent {
  readonly role: "CLIENT" | "CONTRACTOR" | "GUARANTOR";
  readonly name: string;
  /** ID of the vendor (`vnd_…`). Null if the party is not a vendor of the organization. */
  readonly vendorId: string | null;
}

export interface ContractObligationContent {
  readonly text: string;
  readonly party: "CLIENT" | "CONTRACTOR" | "GUARANTOR";
  /** YYYY-MM-DD. The first day if it recurs. */
  readonly dueOn: string;
  /** Null: once. */
  readonly everyMonths: number | null;
}
/** Users of the organization who take part in a project. */
export const projectMembers = vendorsSchema.table(
  "project_members",
  {
    tenantId: tenantId(),
    projectId: uuid("project_id").notNull(),
    userId: uuid("user_id").notNull(),
    /** MANAGER | MEMBER | OBSERVER */
    role: text("role").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.projectId, t.userId] })],
);

/** Settings by which a project is scheduled. A project without a row has the defaults. */
export const projectPlans = vendorsSchema.table(
  "project_plans",
  {
    tenantId: tenantId(),
    projectId: uuid("project_id").notNull(),
    /** Incremented on every change of the tasks, of their dependencies, and of this row. Its lock puts changes of a plan in order. */
    version: integer("version").notNull().default(1),
    /** Name of a calendar of the configuration. Null: the tenant's. */
    calendar: text("calendar"),
    /** FORWARD | BACKWARD */
    direction: text("direction").notNull().default("FORWARD"),
    /** Null: the creation time of the project. */
    startAt: at("start_at"),
    finishAt: at("finish_at"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.projectId] })],
);

/** Tasks of projects, as a tree. A task with subtasks is a summary task: its dates are those of its subtasks. */
export const projectTasks = vendorsSchema.table(
  "project_tasks",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    /** The summary task that contains it. Null: at the top level. */
    parentId: uuid("parent_id"),
    /** Place among the tasks with the same parent. */
    position: integer("position").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** Working minutes. 0: a milestone. */
    durationMinutes: integer("duration_minutes").notNull(),
    /** ASAP | ALAP | START_NO_EARLIER_THAN | START_NO_LATER_THAN | FINISH_NO_EARLIER_THAN | FINISH_NO_LATER_THAN | MUST_START_ON | MUST_FINISH_ON */
    constraintKind: text("constraint_kind").notNull().default("ASAP"),
    constraintAt: at("constraint_at"),
    deadlineAt: at("deadline_at"),
    /** Name of a calendar of the configuration. Null: that of the plan. */
    calendar: text("calendar"),
    /** Work, by one person. */
    estimateMinutes: integer("estimate_minutes"),
    actualMinutes: integer("actual_minutes").notNull().default(0),
    percentComplete: integer("percent_complete").notNull().default(0),
    actualStartAt: at("actual_start_at"),
    actualFinishAt: at("actual_finish_at"),
    /** At most one assignee. */
    assigneeUserId: uuid("assignee_user_id"),
    assigneeVendorId: uuid("assignee_vendor_id"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    deletedAt: at("deleted_at"),
    deletedBy: uuid("deleted_by"),
    /** Whether the project is deleted. Hides the task, by a policy. */
    isHidden: boolean("is_hidden").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Progress of project tasks, as reported. Reports are never changed. */
export const projectTaskReports = vendorsSchema.table(
  "project_task_reports",
  {
    tenantId: tenantId(),
    id: id(),
    taskId: uuid("task_id").notNull(),
    percentComplete: integer("percent_complete").notNull(),
    /** Minutes worked since the report before. */
    workedMinutes: integer("worked_minutes").notNull(),
    note: text("note"),
    reportedBy: uuid("reported_by").notNull(),
    reportedAt: at("reported_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Dependencies between the tasks of a project. Those of deleted tasks have no effect. */
export const projectTaskDependencies = vendorsSchema.table(
  "project_task_dependencies",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    predecessorId: uuid("predecessor_id").notNull(),
    successorId: uuid("successor_id").notNull(),
    /** FINISH_TO_START | START_TO_START | FINISH_TO_FINISH | START_TO_FINISH: which date of the predecessor determines which date of the successor. */
    kind: text("kind").notNull(),
    /** Working minutes of the plan's calendar between the two. Negative: they overlap. */
    lagMinutes: integer("lag_minutes").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
