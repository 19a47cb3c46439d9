import { sql } from "drizzle-orm";
import { bigint, boolean, date, integer, jsonb, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
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
    /** LINK | INVITATION. Null: a user or an import created the vendor. */
    registrationMethod: text("registration_method"),
    /** The link with which the vendor registered. Workers delete links some time after their end. */
    registrationLinkId: uuid("registration_link_id"),
    /** Values of custom fields, and the version of their schema against which they were validated (0: none). */
    fields: jsonb("fields").notNull().default({}).$type<Record<string, unknown>>(),
    fieldsVersion: integer("fields_version").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const vendorsFacts = facts(vendors, {
  // Email address and phone number of an organization, not of a person.
  public: "code name email phone categories status status_reason status_changed_at registration_method fields fields_version",
  app: "write",
});

/** Links with which companies register as vendors, without a login. Their tokens are derived, not stored. */
export const registrationLinks = vendorsSchema.table(
  "registration_links",
  {
    tenantId: tenantId(),
    id: id(),
    note: text("note"),
    /** The invited address. Null if everybody who has the link can use it. */
    email: text("email"),
    registrationsPerHour: smallint("registrations_per_hour").notNull(),
    /** Null: no limit. */
    maxRegistrations: integer("max_registrations"),
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
    registrationCount: integer("registration_count").notNull().default(0),
    lastUsedAt: at("last_used_at"),
    /** The current hour, in true time, and the registrations in it. */
    hourStartedAt: at("hour_started_at"),
    hourCount: smallint("hour_count").notNull().default(0),
    /** Vendors are created in the name of this user. */
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const registrationLinksFacts = facts(registrationLinks, {
  public: "registrations_per_hour max_registrations expires_at revoked_at registration_count last_used_at hour_started_at hour_count",
  // The invited person has no user: the ID of the link identifies them.
  personal: { created_by: "note", id: "email" },
  // Somebody who was invited can be a user or a contact now.
  copies: "email",
  // A link keeps its address, and the user in whose name vendors are created.
  app: ["select", "insert", "update(revoked_at,registration_count,last_used_at,hour_started_at,hour_count,version,updated_at)"],
  // Deleted some time after they have ended.
  worker: ["select(tenant_id,id,max_registrations,expires_at,revoked_at,registration_count,last_used_at,created_at)", "delete"],
});

/** People at a vendor whom the organization talks to. */
export const vendorContacts = vendorsSchema.table(
  "vendor_contacts",
  {
    tenantId: tenantId(),
    id: id(),
    vendorId: uuid("vendor_id").notNull(),
    name: text("name").notNull(),
    role: text("role"),
    email: text("email"),
    phone: text("phone"),
    /** At most one contact of a vendor is primary. */
    isPrimary: boolean("is_primary").notNull().default(false),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const vendorContactsFacts = facts(vendorContacts, {
  public: "role is_primary",
  // A contact has no user: the ID of the contact identifies the person.
  personal: { id: "name email phone" },
  // A contact keeps its vendor.
  app: ["select", "insert", "update(name,role,email,phone,is_primary,version,updated_at)", "delete"],
});

/** What vendors charge. */
export const vendorRates = vendorsSchema.table(
  "vendor_rates",
  {
    tenantId: tenantId(),
    vendorId: uuid("vendor_id").notNull(),
    position: smallint("position").notNull(),
    /** Category of work. Null: every category without a rate of its own. */
    category: text("category"),
    /** HOUR | VISIT | FIXED */
    unit: text("unit").notNull(),
    /** In minor units of `currency` (ISO 4217). */
    amount: bigint("amount", { mode: "number" }).notNull(),
    currency: text("currency").notNull(),
    /** First and last day. Null: no limit. */
    validFrom: date("valid_from", { mode: "string" }),
    validUntil: date("valid_until", { mode: "string" }),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.vendorId, t.position] })],
);

export const vendorRatesFacts = facts(vendorRates, {
  public: "position category unit amount currency valid_from valid_until",
  app: ["select", "insert", "delete"],
});

/** Where vendors work: regions and buildings. */
export const vendorServiceAreas = vendorsSchema.table(
  "vendor_service_areas",
  {
    tenantId: tenantId(),
    vendorId: uuid("vendor_id").notNull(),
    position: smallint("position").notNull(),
    /** Either a region, as users wrote it, or a building. */
    region: text("region"),
    buildingId: uuid("building_id"),
    /** By which regions are compared. Generated by the database. */
    regionKey: text("region_key").generatedAlwaysAs(sql`lower(region)`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.vendorId, t.position] })],
);

export const vendorServiceAreasFacts = facts(vendorServiceAreas, {
  public: "position region region_key",
  app: ["select", "insert", "delete"],
});

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

export const ratingsFacts = facts(ratings, {
  public: "stars is_for_vendor",
  personal: { rated_by: "comment" },
  app: ["select", "insert", "update(stars,comment,is_for_vendor,version,updated_at)"],
});

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

export const workFacts = facts(work, {
  public: "outcome assigned_at responded_at ended_at reopened is_sla_met stars rated_at is_deleted",
  app: "write",
});

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

export const workDaysFacts = facts(workDays, {
  public: "day assigned responded response_us completed completion_us reopened measured met rated stars",
  // Differences are added, and a worker replaces them by their sum.
  app: ["select", "insert"],
  // It folds the differences of each day.
  worker: ["select", "insert", "delete"],
});

/** How much work vendors take. A vendor without a row takes any number of assignments. An assignment locks the row. */
export const availability = vendorsSchema.table(
  "availability",
  {
    tenantId: tenantId(),
    vendorId: uuid("vendor_id").notNull(),
    /** Name of a calendar of the configuration. Null: that of the organization. */
    calendar: text("calendar"),
    /** Open assignments at the same time. Null: any number. */
    maxOpen: integer("max_open"),
    /** New assignments of requests on a day. Null: any number. */
    perDay: integer("per_day"),
    /** New assignments of requests in a week, from Monday on. Null: any number. */
    perWeek: integer("per_week"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.vendorId] })],
);

export const availabilityFacts = facts(availability, { public: "calendar max_open per_day per_week", app: "write" });

/** Days on which vendors get no work. */
export const absences = vendorsSchema.table(
  "absences",
  {
    tenantId: tenantId(),
    vendorId: uuid("vendor_id").notNull(),
    fromDay: date("from_day", { mode: "string" }).notNull(),
    /** Last day. */
    untilDay: date("until_day", { mode: "string" }).notNull(),
    /** For users of the organization. */
    reason: text("reason"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.vendorId, t.fromDay] })],
);

export const absencesFacts = facts(absences, {
  // Why an organization is absent, not a person.
  public: "from_day until_day reason",
  app: ["select", "insert", "delete"],
});

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

export const projectsFacts = facts(projects, {
  public: `
    code name description starts_on ends_on starts_order ends_order budget_amount currency is_deleted deleted_at fields fields_version`,
  app: "write",
});

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

export const contractsFacts = facts(contracts, {
  // The parties are organizations.
  public: `
    number kind status owner_notes title amount currency starts_on ends_on signed_number reminder_days reminded_for reminded_days
    terminates_on termination_reason due_at deleted_at`,
  app: "write",
  // Readable: the tenants with due contracts.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

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

export const contractVersionsFacts = facts(contractVersions, {
  public: "number status content hash reason submitted_at signed_at",
  // A trigger refuses changes of signed versions.
  app: ["select", "insert", "update(number,status,content,hash,instance_id,reason,updated_at,submitted_by,submitted_at,signed_at)"],
});

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

export const projectMembersFacts = facts(projectMembers, {
  public: "role",
  // A member keeps the project and the user.
  app: ["select", "insert", "update(role)", "delete"],
});

/** Vendors that take part in projects, or did so. A change of the role ends a row and begins another one. */
export const projectVendors = vendorsSchema.table(
  "project_vendors",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    vendorId: uuid("vendor_id").notNull(),
    role: text("role").notNull(),
    assignedBy: uuid("assigned_by").notNull(),
    assignedAt: at("assigned_at").notNull(),
    endedBy: uuid("ended_by"),
    endedAt: at("ended_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectVendorsFacts = facts(projectVendors, {
  public: "role assigned_at ended_at",
  app: ["select", "insert", "update(ended_by,ended_at)"],
});

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

export const projectPlansFacts = facts(projectPlans, { public: "calendar direction start_at finish_at", app: "write" });

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

export const projectTasksFacts = facts(projectTasks, {
  public: `
    position name description duration_minutes constraint_kind constraint_at deadline_at calendar estimate_minutes actual_minutes
    percent_complete actual_start_at actual_finish_at deleted_at is_hidden`,
  app: "write",
});

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

export const projectTaskReportsFacts = facts(projectTaskReports, {
  public: "percent_complete worked_minutes reported_at",
  personal: { reported_by: "note" },
  // A report is never changed.
  app: "append",
});

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

export const projectTaskDependenciesFacts = facts(projectTaskDependencies, { public: "kind lag_minutes", app: "own" });

/** Milestones of projects. A workflow approves them. */
export const milestones = vendorsSchema.table(
  "milestones",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    dueOn: date("due_on", { mode: "string" }).notNull(),
    ownerId: uuid("owner_id").notNull(),
    /** PLANNED | IN_REVIEW | REACHED. Follows the result of the review, by a trigger. */
    status: text("status").notNull().default("PLANNED"),
    /** The last review. */
    instanceId: uuid("instance_id"),
    submittedBy: uuid("submitted_by"),
    submittedAt: at("submitted_at"),
    reachedAt: at("reached_at"),
    /** Why the last review ended without an approval. Empty if no reason was given. */
    reason: text("reason"),
    /** The last notice: the due day that it was about, and the days until then. -1: it is overdue. */
    remindedFor: date("reminded_for", { mode: "string" }),
    remindedDays: integer("reminded_days"),
    /** When a worker looks at the milestone again. */
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

export const milestonesFacts = facts(milestones, {
  public: "name description due_on status submitted_at reached_at reason reminded_for reminded_days due_at deleted_at",
  app: "write",
  // Readable: the tenants with due milestones.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** Tasks that must be done before a milestone can be submitted. */
export const milestoneTasks = vendorsSchema.table(
  "milestone_tasks",
  {
    tenantId: tenantId(),
    milestoneId: uuid("milestone_id").notNull(),
    taskId: uuid("task_id").notNull(),
    projectId: uuid("project_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.milestoneId, t.taskId] })],
);

export const milestoneTasksFacts = facts(milestoneTasks, { app: ["select", "insert", "delete"] });

/** What projects cost. A cost is never changed or deleted: it is voided, and a correction replaces it. */
export const projectCosts = vendorsSchema.table(
  "project_costs",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    spentOn: date("spent_on", { mode: "string" }).notNull(),
    /** In minor units of `currency` (ISO 4217), the currency of the project. */
    amount: bigint("amount", { mode: "number" }).notNull(),
    currency: text("currency").notNull(),
    /** LABOR | MATERIAL | SERVICE | EQUIPMENT | TRAVEL | OTHER */
    category: text("category").notNull(),
    vendorId: uuid("vendor_id"),
    contractId: uuid("contract_id"),
    note: text("note").notNull().default(""),
    recordedBy: uuid("recorded_by").notNull(),
    recordedAt: at("recorded_at").notNull(),
    /** The cost that this one corrects. */
    correctsId: uuid("corrects_id"),
    voidedAt: at("voided_at"),
    voidedBy: uuid("voided_by"),
    voidReason: text("void_reason"),
    version: integer("version").notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectCostsFacts = facts(projectCosts, {
  public: "spent_on amount currency category note recorded_at voided_at void_reason",
  // A cost can be voided, but never changed.
  app: ["select", "insert", "update(voided_at,voided_by,void_reason,version)"],
});

/** What could go wrong in a project. */
export const projectRisks = vendorsSchema.table(
  "project_risks",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    title: text("title").notNull(),
    /** 1 (very low) to 5 (very high). */
    probability: integer("probability").notNull(),
    impact: integer("impact").notNull(),
    /** Probability times impact. Generated by the database. */
    score: integer("score")
      .notNull()
      .generatedAlwaysAs(sql`probability * impact`),
    mitigation: text("mitigation").notNull().default(""),
    ownerId: uuid("owner_id"),
    /** OPEN | CLOSED */
    status: text("status").notNull().default("OPEN"),
    /** Why it was closed. */
    outcome: text("outcome"),
    closedAt: at("closed_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectRisksFacts = facts(projectRisks, {
  public: "title probability impact score mitigation status outcome closed_at",
  app: "write",
});

/** What was decided in a project. */
export const projectDecisions = vendorsSchema.table(
  "project_decisions",
  {
    tenantId: tenantId(),
    id: id(),
    projectId: uuid("project_id").notNull(),
    title: text("title").notNull(),
    decision: text("decision").notNull(),
    reason: text("reason").notNull().default(""),
    decidedOn: date("decided_on", { mode: "string" }).notNull(),
    decidedBy: uuid("decided_by").notNull(),
    /** ACTIVE | CLOSED */
    status: text("status").notNull().default("ACTIVE"),
    /** Why it no longer applies. */
    outcome: text("outcome"),
    closedAt: at("closed_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectDecisionsFacts = facts(projectDecisions, {
  public: "title decision reason decided_on status outcome closed_at",
  app: "write",
});

/** Plans and milestones from which projects are created, relative to their first day. */
export const projectTemplates = vendorsSchema.table(
  "project_templates",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    content: jsonb("content").notNull().$type<ProjectTemplateContent>(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const projectTemplatesFacts = facts(projectTemplates, { public: "name description content", app: ["select", "insert", "delete"] });

/** Tasks are referenced by their place in `tasks`. Days count from the first day of the project, times are those of the organization's time zone. */
export interface ProjectTemplateContent {
  readonly definitionKey: string;
  /** A template that was saved before their order was has only names. */
  readonly phases: readonly (TemplatePhase | string)[];
  readonly plan: {
    readonly direction: string;
    readonly calendar: string | null;
    readonly start: TemplateTime | null;
    readonly finish: TemplateTime | null;
  };
  /** Each task comes before its subtasks. */
  readonly tasks: readonly ProjectTemplateTask[];
  readonly dependencies: readonly {
    readonly predecessor: number;
    readonly successor: number;
    readonly kind: string;
    readonly lagMinutes: number;
  }[];
  readonly milestones: readonly {
    readonly name: string;
    readonly description: string;
    readonly day: number;
    readonly tasks: readonly number[];
  }[];
}

/** A phase, as in the data of the project's workflow. */
export interface TemplatePhase {
  readonly name: string;
  /** Phases that it follows. Absent: none. */
  readonly after?: readonly string[];
}

export interface ProjectTemplateTask {
  readonly parent: number | null;
  readonly position: number;
  readonly name: string;
  readonly description: string;
  readonly durationMinutes: number;
  readonly constraintKind: string;
  readonly constraint: TemplateTime | null;
  readonly deadline: TemplateTime | null;
  readonly calendar: string | null;
  readonly estimateMinutes: number | null;
}

/** A day, counted from the first day of the project (0), and a local time, `HH:MM:SS`. */
export interface TemplateTime {
  readonly day: number;
  readonly time: string;
}
