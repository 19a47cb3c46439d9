import { sql } from "drizzle-orm";
import { boolean, integer, jsonb, numeric, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";

export const workflowsSchema = pgSchema("workflows");

/**
 * One row per version of a definition. Once published, its content cannot change; only its status, tags and environments can. The database enforces
 * this, by the policies `published_stays` and `published_remains` and the privileges of columns.
 */
export const definitions = workflowsSchema.table(
  "definitions",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    /** Number of the version within its key, starting at 1. */
    number: integer("number").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** DRAFT | PUBLISHED | DEPRECATED | RETIRED */
    status: text("status").notNull().default("DRAFT"),
    /** Source text in Weft's own format. */
    source: text("source").notNull(),
    /** Text as written by the author, if the source was translated from it. */
    original: text("original"),
    /** YAML | JSON */
    format: text("format").notNull(),
    document: jsonb("document").notNull().$type<Record<string, unknown>>(),
    createdBy: uuid("created_by").notNull(),
    /** All authors, including those of the draft that it was copied from. */
    authorIds: uuid("author_ids").array().notNull().default([]),
    /** The version that it was created from. It may no longer exist if it was a draft. */
    parentId: uuid("parent_id"),
    /** Reason for this version, written by its author. */
    message: text("message").notNull().default(""),
    tags: text("tags").array().notNull().default([]),
    /** Environments that the version has reached: DEV, STAGING, PROD. Empty for a draft. */
    environments: text("environments").array().notNull().default([]),
    publishedBy: uuid("published_by"),
    publishedAt: at("published_at"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const definitionsFacts = facts(definitions, {
  public: "key number name description status source original format document author_ids tags environments published_at",
  personal: { created_by: "message" },
  // Excludes the columns of the content: published content is never changed.
  app: ["select", "insert", "update(status,published_by,published_at,version,updated_at,tags,environments)", "delete"],
});

/**
 * The only place where a running workflow's state and data are stored. The fillfactor is 80 because state and version change often, so that these
 * updates stay HOT.
 */
export const instances = workflowsSchema.table(
  "instances",
  {
    tenantId: tenantId(),
    id: id(),
    definitionId: uuid("definition_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    state: text("state").notNull(),
    /** RUNNING | SUSPENDED | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    /** Starts at 1 and is incremented with every history row. */
    version: integer("version").notNull(),
    /** request | project | vendor | null: type of the business row that this instance controls. */
    subjectType: text("subject_type"),
    subjectId: uuid("subject_id"),
    /** Key of the request's type, if the business row is a request. It never changes. */
    requestType: text("request_type"),
    ownerId: uuid("owner_id").notNull(),
    teamId: uuid("team_id"),
    assigneeUserId: uuid("assignee_user_id"),
    assigneeTeamId: uuid("assignee_team_id"),
    assigneeVendorId: uuid("assignee_vendor_id"),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    finishedAt: at("finished_at"),
    /** When it entered a state in which its work counts as ended, although it can be reopened. Null if it did not, or was reopened. */
    closedAt: at("closed_at"),
    /** The instance that started this one, and the state, the rule and the index of this child within the rule. */
    parentId: uuid("parent_id"),
    parentState: text("parent_state"),
    /** The parent's version that entered the state. */
    parentVersion: integer("parent_version"),
    parentRule: text("parent_rule"),
    childIndex: integer("child_index"),
    /** Ancestors, starting with the root. */
    ancestors: uuid("ancestors").array().notNull().default([]),
    /** Users who completed the steps that the definition references in `notSameAs`: step → IDs. */
    doneBy: jsonb("done_by").notNull().default({}).$type<Record<string, readonly string[]>>(),
    /** DEV | STAGING | PROD */
    environment: text("environment").notNull().default("PROD"),
    /** Whether it belongs to a deleted request, which hides it. */
    isDeleted: boolean("is_deleted").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const instancesFacts = facts(instances, {
  // `data` belongs to the tenant. Only a definition could specify the person, and definitions don't support this yet.
  public: `
    definition_key state status data subject_type request_type finished_at closed_at parent_state parent_version parent_rule child_index
    ancestors done_by environment is_deleted`,
  app: "write",
  worker: ["select(tenant_id,id,finished_at)"],
});

/** Append-only. An instance's state is the fold of its history. */
export const history = workflowsSchema.table(
  "history",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    version: integer("version").notNull(),
    /** START | TRANSITION | ASSIGNMENT | DATA | CANCELLATION | COMMENT | SUSPENSION | RESUMPTION | ROLLBACK | VOTE | CHILD | INCIDENT | RESOLUTION | MIGRATION | TIMER */
    kind: text("kind").notNull(),
    transition: text("transition"),
    fromState: text("from_state"),
    toState: text("to_state").notNull(),
    actorId: uuid("actor_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    comment: text("comment"),
    input: jsonb("input").$type<Record<string, unknown>>(),
    /** Data values that this step set, by path. */
    changes: jsonb("changes").$type<Record<string, unknown>>(),
    at: at("at").notNull(),
    /** The task that was completed by this step. */
    taskId: uuid("task_id"),
    /** Whether the step was automatic, not chosen by a user. */
    isAutomatic: boolean("is_automatic").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const historyFacts = facts(history, {
  public: "kind transition from_state to_state input changes at is_automatic",
  personal: { actor_id: "comment" },
  app: "append",
});

/** Tasks that instances opened, with their candidates and assignees. */
export const tasks = workflowsSchema.table(
  "tasks",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    /** The state that opened the task, and the rule within it. */
    state: text("state").notNull(),
    rule: text("rule").notNull(),
    title: text("title").notNull(),
    /** OPEN | CLAIMED | COMPLETED | CLOSED */
    status: text("status").notNull().default("OPEN"),
    candidateRoles: text("candidate_roles").array().notNull().default([]),
    candidateUserIds: uuid("candidate_user_ids").array().notNull().default([]),
    candidateTeamIds: uuid("candidate_team_ids").array().notNull().default([]),
    candidateVendorIds: uuid("candidate_vendor_ids").array().notNull().default([]),
    assigneeId: uuid("assignee_id"),
    claimedAt: at("claimed_at"),
    completedBy: uuid("completed_by"),
    onBehalfOf: uuid("on_behalf_of"),
    /** The transition that completed the task. */
    transition: text("transition"),
    dueAt: at("due_at"),
    /** When it was noticed that the deadline had passed. Null until then, and again when the deadline changes. */
    overdueAt: at("overdue_at"),
    /** Whether the deadline has passed while the instance is suspended or has an incident. It is noticed when the instance continues. */
    isDueHeld: boolean("is_due_held").notNull().default(false),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    closedAt: at("closed_at"),
    /** Whether it belongs to a deleted request, which hides it. */
    isDeleted: boolean("is_deleted").notNull().default(false),
    /** Number of the task if its rule opens several, starting at 1. */
    copy: integer("copy").notNull().default(1),
    /** 0 low, 1 normal, 2 high, 3 urgent */
    priority: smallint("priority").notNull().default(1),
    checklist: jsonb("checklist").notNull().default([]).$type<readonly ChecklistItem[]>(),
    /** Users who delegated the task, in order. */
    delegatedFrom: uuid("delegated_from").array().notNull().default([]),
    /** The instance's version that opened the task. */
    openedAtVersion: integer("opened_at_version").notNull().default(0),
    /** The unanswered question. */
    questionId: uuid("question_id"),
    /** Its only candidate (`role:operations`), `many` if there are several, or `none`. Generated by the database. */
    queueKey: text("queue_key")
      .notNull()
      .generatedAlwaysAs(sql`''`),
    /** `dueAt` for sorting: `infinity` without a deadline. Generated by the database. */
    dueOrder: at("due_order")
      .notNull()
      .generatedAlwaysAs(sql`'infinity'::timestamptz`),
    /** The user who was asked, while a question is unanswered. */
    askedId: uuid("asked_id"),
    /** How completing the task counts as a vote: ONCE (one vote per user) or REPEAT. Null if it is not a vote. */
    vote: text("vote").$type<"ONCE" | "REPEAT">(),
    /** The step of a run that has opened the task. Null: a state has. */
    step: jsonb("step").$type<StepTask>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const tasksFacts = facts(tasks, {
  public: `
    state rule title status candidate_roles candidate_user_ids candidate_team_ids candidate_vendor_ids claimed_at transition due_at
    overdue_at is_due_held closed_at is_deleted copy priority checklist delegated_from opened_at_version queue_key due_order vote step`,
  app: "write",
  // Readable: the tenants with tasks whose deadline has passed.
  worker: ["select(tenant_id,status,due_at,overdue_at,is_due_held)"],
  acrossTenants: "select",
});

/**
 * One row per candidate of a waiting task with several candidates. The database maintains the rows. The columns are named like those of `tasks`, so
 * that the same conditions and orders can be used. The ID is the task's.
 */
export const taskCandidates = workflowsSchema.table(
  "task_candidates",
  {
    tenantId: tenantId(),
    id: id(),
    /** One of its candidates, for example `role:operations`. */
    queueKey: text("queue_key").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** OPEN | CLAIMED */
    status: text("status").notNull(),
    assigneeId: uuid("assignee_id"),
    priority: smallint("priority").notNull(),
    dueOrder: at("due_order").notNull(),
    createdAt: at("created_at").notNull(),
    vote: text("vote"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id, t.queueKey] })],
);

export const taskCandidatesFacts = facts(taskCandidates, {
  public: "queue_key status priority due_order vote",
  // Written only by a trigger on the tasks, with the role that writes the task.
  app: ["select", "insert", "delete"],
});

/** The attempt of a step that has opened a task, and the ways in which the task can be completed. */
export type StepTask = {
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly isCompensation: boolean;
  readonly instructions: string | null;
  readonly outcomes: readonly string[];
  /** Outcomes that need a comment. */
  readonly commentFor: readonly string[];
  /** Outcomes with which the step fails. */
  readonly failOn: readonly string[];
  /** Whether the owner of the instance cannot complete it. */
  readonly notOwner: boolean;
  /** JSON Schema of the values that completing it asks for. */
  readonly input: Readonly<Record<string, unknown>> | null;
};

/** An item to be checked off before the task can be completed. */
export type ChecklistItem = {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  readonly doneBy: string | null;
  readonly doneAt: string | null;
};

/** Reason why an instance cannot continue automatically until a user resolves it. At most one is open per instance. */
export const incidents = workflowsSchema.table(
  "incidents",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    instanceVersion: integer("instance_version").notNull(),
    /** LOOP | DATA | DEFINITION | CHILDREN | JOB */
    kind: text("kind").notNull(),
    state: text("state").notNull(),
    /** A path in the definition. */
    place: text("place").notNull(),
    message: text("message").notNull(),
    /** OPEN | RESOLVED */
    status: text("status").notNull().default("OPEN"),
    /** RETRY | SKIP | FIRE | CANCEL */
    resolution: text("resolution"),
    resolvedBy: uuid("resolved_by"),
    comment: text("comment"),
    createdAt: at("created_at").notNull(),
    resolvedAt: at("resolved_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const incidentsFacts = facts(incidents, {
  public: "instance_version kind state place message status resolution resolved_at",
  personal: { resolved_by: "comment" },
  app: ["select", "insert", "update(status,resolution,resolved_by,comment,resolved_at)"],
});

/** Timers of instances and of their tasks. A row is the truth: it is set, and fires once or is cleared, with what causes that. */
export const timers = workflowsSchema.table(
  "timers",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    /** Null for a timer of the instance. */
    taskId: uuid("task_id"),
    /** STATE | TASK | SLA_WARNING | SLA_BREACH | ESCALATION */
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    /** The state in which it was set. */
    state: text("state").notNull(),
    dueAt: at("due_at").notNull(),
    /** ARMED | FIRED | CLEARED | SKIPPED | FAILED */
    status: text("status").notNull().default("ARMED"),
    /** Whether it waits, although it is due, because its instance is suspended or has an incident. */
    isHeld: boolean("is_held").notNull().default(false),
    /** The instance's version that set it. */
    armedAtVersion: integer("armed_at_version").notNull(),
    payload: jsonb("payload").notNull().default({}).$type<Record<string, unknown>>(),
    attempts: integer("attempts").notNull().default(0),
    /** Why it was skipped, failed, or was changed by a user. */
    reason: text("reason"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    endedAt: at("ended_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const timersFacts = facts(timers, {
  public: "kind name state due_at status is_held armed_at_version payload attempts reason ended_at",
  app: ["select", "insert", "update(due_at,status,is_held,attempts,reason,version,ended_at)"],
  // Readable: the tenants with due timers. The timers themselves are read as weft_app, in the tenant.
  worker: ["select(tenant_id,due_at,status,is_held)"],
  acrossTenants: "select",
});

/** Data values that lists can filter by, for the fields that a definition declares. */
export const instanceFields = workflowsSchema.table(
  "instance_fields",
  {
    tenantId: tenantId(),
    instanceId: uuid("instance_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    field: text("field").notNull(),
    textValue: text("text_value"),
    numberValue: numeric("number_value"),
    /** Creation time of the instance. */
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.instanceId, t.field] })],
);

export const instanceFieldsFacts = facts(instanceFields, { public: "definition_key field text_value number_value", app: "own" });

/** Words of the text values among them: without accents, in lowercase, at most 64 characters. */
export const instanceWords = workflowsSchema.table(
  "instance_words",
  { tenantId: tenantId(), instanceId: uuid("instance_id").notNull(), word: text("word").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.instanceId, t.word] })],
);

export const instanceWordsFacts = facts(instanceWords, { public: "word", app: ["select", "insert", "delete"] });

/** Substitutes of absent users, with the periods. */
export const absences = workflowsSchema.table(
  "absences",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    substituteId: uuid("substitute_id").notNull(),
    startsAt: at("starts_at").notNull(),
    endsAt: at("ends_at").notNull(),
    note: text("note").notNull().default(""),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const absencesFacts = facts(absences, { public: "starts_at ends_at", personal: { user_id: "note" }, app: "own" });

/** Rules that choose the assignee of work. The rules of a name (`route`) are tried in the order of their positions. */
export const routingRules = workflowsSchema.table(
  "routing_rules",
  {
    tenantId: tenantId(),
    id: id(),
    route: text("route").notNull(),
    name: text("name").notNull(),
    position: integer("position").notNull(),
    /** CEL expression. If empty, the rule applies to all work. */
    condition: text("condition").notNull().default(""),
    duringWorkingHours: boolean("during_working_hours"),
    userIds: uuid("user_ids").array().notNull().default([]),
    teamIds: uuid("team_ids").array().notNull().default([]),
    roles: text("roles").array().notNull().default([]),
    skill: text("skill"),
    /** EVERYBODY | ROUND_ROBIN | LEAST_BUSY */
    strategy: text("strategy").notNull(),
    isActive: boolean("is_active").notNull().default(true),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const routingRulesFacts = facts(routingRules, {
  public: "route name position condition during_working_hours user_ids team_ids roles skill strategy is_active",
  app: "own",
});

/** The user whose turn it last was, per rule. */
export const routingTurns = workflowsSchema.table(
  "routing_turns",
  { tenantId: tenantId(), ruleId: uuid("rule_id").notNull(), userId: uuid("user_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.ruleId] })],
);

export const routingTurnsFacts = facts(routingTurns, { app: "write" });

/** Skills of users, by which routing rules choose an assignee. */
export const userSkills = workflowsSchema.table(
  "user_skills",
  { tenantId: tenantId(), userId: uuid("user_id").notNull(), skill: text("skill").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.skill] })],
);

export const userSkillsFacts = facts(userSkills, { personal: { user_id: "skill" }, app: ["select", "insert", "delete"] });

/** Comments on a task, and questions with their answers. Append-only. */
export const taskComments = workflowsSchema.table(
  "task_comments",
  {
    tenantId: tenantId(),
    id: id(),
    taskId: uuid("task_id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** COMMENT | QUESTION | ANSWER */
    kind: text("kind").notNull(),
    /** For an answer: the question. */
    questionId: uuid("question_id"),
    /** For a question: the user who is asked. */
    askedId: uuid("asked_id"),
    authorId: uuid("author_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    text: text("text").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const taskCommentsFacts = facts(taskComments, { public: "kind", personal: { author_id: "text" }, app: "append" });

/** Internal comments on instances, which users of a vendor never see. Append-only. */
export const internalComments = workflowsSchema.table(
  "internal_comments",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    /** Version and state of the instance at that time. */
    version: integer("version").notNull(),
    state: text("state").notNull(),
    authorId: uuid("author_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    text: text("text").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const internalCommentsFacts = facts(internalComments, { public: "state", personal: { author_id: "text" }, app: "append" });

/** Single-use links that complete a task without a login. */
export const taskLinks = workflowsSchema.table(
  "task_links",
  {
    tenantId: tenantId(),
    id: id(),
    taskId: uuid("task_id").notNull(),
    userId: uuid("user_id").notNull(),
    /** Hash of the email address to which it was sent. Void if the user's address changes. */
    emailHash: text("email_hash").notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const taskLinksFacts = facts(taskLinks, {
  public: "expires_at used_at revoked_at",
  secret: "email_hash",
  app: ["select", "insert", "update(used_at,revoked_at)"],
  // Deleted by expiration time.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Exported view: state, status, owner, assignee and data of instances, to be joined by the stores of other subgraphs. */
export const instanceHeads = workflowsSchema
  .view("instance_heads", {
    tenantId: uuid("tenant_id").notNull(),
    id: uuid("id").notNull(),
    definitionId: uuid("definition_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    state: text("state").notNull(),
    status: text("status").notNull(),
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    version: integer("version").notNull(),
    ownerId: uuid("owner_id").notNull(),
    teamId: uuid("team_id"),
    assigneeUserId: uuid("assignee_user_id"),
    assigneeTeamId: uuid("assignee_team_id"),
    assigneeVendorId: uuid("assignee_vendor_id"),
    updatedAt: at("updated_at").notNull(),
    finishedAt: at("finished_at"),
    parentId: uuid("parent_id"),
    createdAt: at("created_at").notNull(),
    /** What the instance belongs to: `request` and the ID of the request, for example. */
    subjectType: text("subject_type"),
    subjectId: uuid("subject_id"),
    /** When its work ended: when it was closed, or else when it finished. Null if it goes on. */
    closedAt: at("closed_at"),
  })
  .existing();

export const instanceHeadsFacts = facts(instanceHeads, { app: "read" });
