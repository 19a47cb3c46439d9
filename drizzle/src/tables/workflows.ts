import { sql } from "drizzle-orm";
import { boolean, integer, jsonb, numeric, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const workflowsSchema = pgSchema("workflows");

/** One row per version of a definition. Once published, nothing of it changes but status and tags; the database holds that, see migration 0016. */
export const definitions = workflowsSchema.table(
  "definitions",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    /** 1…n per key */
    number: integer("number").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** DRAFT | PUBLISHED | DEPRECATED | RETIRED */
    status: text("status").notNull().default("DRAFT"),
    /** The text as its author wrote it. */
    source: text("source").notNull(),
    /** YAML | JSON */
    format: text("format").notNull(),
    document: jsonb("document").notNull().$type<Record<string, unknown>>(),
    createdBy: uuid("created_by").notNull(),
    /** Everybody who has written it, with those who wrote the draft that it was copied from. */
    authorIds: uuid("author_ids").array().notNull().default([]),
    /** The version that it was made from; may be gone, when that was a draft. */
    parentId: uuid("parent_id"),
    /** Why this version, in its author's words. */
    message: text("message").notNull().default(""),
    tags: text("tags").array().notNull().default([]),
    /** Those that it has come through: DEV, STAGING, PROD; none while it is a draft. */
    environments: text("environments").array().notNull().default([]),
    publishedBy: uuid("published_by"),
    publishedAt: at("published_at"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** The one place of a running workflow's state and data. fillfactor 80: state and version change often and stay HOT. */
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
    /** 1…n, one more with every history row */
    version: integer("version").notNull(),
    /** request | project | vendor | null: the business row that this instance moves */
    subjectType: text("subject_type"),
    subjectId: uuid("subject_id"),
    ownerId: uuid("owner_id").notNull(),
    teamId: uuid("team_id"),
    assigneeUserId: uuid("assignee_user_id"),
    assigneeTeamId: uuid("assignee_team_id"),
    assigneeVendorId: uuid("assignee_vendor_id"),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    finishedAt: at("finished_at"),
    /** The instance that started this one, from which of its states, by which rule, as which of several. */
    parentId: uuid("parent_id"),
    parentState: text("parent_state"),
    /** The parent's version that entered the state. */
    parentVersion: integer("parent_version"),
    parentRule: text("parent_rule"),
    childIndex: integer("child_index"),
    /** Its forebears, the root first. */
    ancestors: uuid("ancestors").array().notNull().default([]),
    /** Who did the steps that the definition's `notSameAs` names: step → ids. */
    doneBy: jsonb("done_by").notNull().default({}).$type<Record<string, readonly string[]>>(),
    /** DEV | STAGING | PROD */
    environment: text("environment").notNull().default("PROD"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Append-only: an instance's state is the fold of its history. */
export const history = workflowsSchema.table(
  "history",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    version: integer("version").notNull(),
    /** START | TRANSITION | ASSIGNMENT | DATA | CANCELLATION | COMMENT | SUSPENSION | RESUMPTION | ROLLBACK | VOTE | CHILD | INCIDENT | RESOLUTION | MIGRATION */
    kind: text("kind").notNull(),
    transition: text("transition"),
    fromState: text("from_state"),
    toState: text("to_state").notNull(),
    actorId: uuid("actor_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    comment: text("comment"),
    input: jsonb("input").$type<Record<string, unknown>>(),
    /** Values of data that this step set, by path. */
    changes: jsonb("changes").$type<Record<string, unknown>>(),
    at: at("at").notNull(),
    /** The task whose completion this was. */
    taskId: uuid("task_id"),
    /** No person chose it. */
    isAutomatic: boolean("is_automatic").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const tasks = workflowsSchema.table(
  "tasks",
  {
    tenantId: tenantId(),
    id: id(),
    instanceId: uuid("instance_id").notNull(),
    /** The state that opened the task, and which rule of it. */
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
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    closedAt: at("closed_at"),
    /** Which of several of its rule, from 1. */
    copy: integer("copy").notNull().default(1),
    /** 0 low, 1 normal, 2 high, 3 urgent */
    priority: smallint("priority").notNull().default(1),
    checklist: jsonb("checklist").notNull().default([]).$type<readonly ChecklistItem[]>(),
    /** Those who gave it on, the first of them first. */
    delegatedFrom: uuid("delegated_from").array().notNull().default([]),
    /** The version of the instance that opened it. */
    openedAtVersion: integer("opened_at_version").notNull().default(0),
    /** The question that waits for an answer. */
    questionId: uuid("question_id"),
    /** The one candidate (`role:operations`), `many` of several, `none` of none; the database makes it. */
    queueKey: text("queue_key")
      .notNull()
      .generatedAlwaysAs(sql`''`),
    /** `dueAt` to order by: `infinity` without a deadline; the database makes it. */
    dueOrder: at("due_order")
      .notNull()
      .generatedAlwaysAs(sql`'infinity'::timestamptz`),
    /** Who is asked, while a question waits. */
    askedId: uuid("asked_id"),
    /** Its completion is a vote: ONCE (each person has one) or REPEAT; null where it is none. */
    vote: text("vote").$type<"ONCE" | "REPEAT">(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/**
 * Each candidate of a waiting task that has several; the database keeps the rows. Columns are named as those of `tasks`, whose conditions and orders fit
 * them: the id is the task's.
 */
export const taskCandidates = workflowsSchema.table(
  "task_candidates",
  {
    tenantId: tenantId(),
    id: id(),
    /** One of its candidates: `role:operations`. */
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

/** What is to be ticked off before a task is done. */
export type ChecklistItem = {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  readonly doneBy: string | null;
  readonly doneAt: string | null;
};

/** Why an instance cannot go on by itself, until a person resolves it. At most one is open per instance. */
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
    /** A path of the definition. */
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

/** Values of the data that lists filter by, of the fields that a definition declares. */
export const instanceFields = workflowsSchema.table(
  "instance_fields",
  {
    tenantId: tenantId(),
    instanceId: uuid("instance_id").notNull(),
    definitionKey: text("definition_key").notNull(),
    field: text("field").notNull(),
    textValue: text("text_value"),
    numberValue: numeric("number_value"),
    /** Of the instance. */
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.instanceId, t.field] })],
);

/** The words of the texts among them: without accents and upper case, at most 64 characters. */
export const instanceWords = workflowsSchema.table(
  "instance_words",
  { tenantId: tenantId(), instanceId: uuid("instance_id").notNull(), word: text("word").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.instanceId, t.word] })],
);

/** Who stands in for whom, and when. */
export const absences = workflowsSchema.table(
  "absences",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    standInId: uuid("stand_in_id").notNull(),
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

/** Who gets a piece of work: rules of a name (`route`), tried in the order of their positions. */
export const routingRules = workflowsSchema.table(
  "routing_rules",
  {
    tenantId: tenantId(),
    id: id(),
    route: text("route").notNull(),
    name: text("name").notNull(),
    position: integer("position").notNull(),
    /** CEL; empty: it applies whatever the work is about. */
    condition: text("condition").notNull().default(""),
    duringWorkingHours: boolean("during_working_hours"),
    userIds: uuid("user_ids").array().notNull().default([]),
    teamIds: uuid("team_ids").array().notNull().default([]),
    roles: text("roles").array().notNull().default([]),
    skill: text("skill"),
    /** EVERYBODY | ROUND_ROBIN | LEAST_BUSY */
    choice: text("choice").notNull(),
    isActive: boolean("is_active").notNull().default(true),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Whose turn it was last, by rule. */
export const routingTurns = workflowsSchema.table(
  "routing_turns",
  { tenantId: tenantId(), ruleId: uuid("rule_id").notNull(), userId: uuid("user_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.ruleId] })],
);

export const userSkills = workflowsSchema.table(
  "user_skills",
  { tenantId: tenantId(), userId: uuid("user_id").notNull(), skill: text("skill").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.skill] })],
);

/** What is said about a task: comments, and questions with their answers. Append-only. */
export const taskRemarks = workflowsSchema.table(
  "task_remarks",
  {
    tenantId: tenantId(),
    id: id(),
    taskId: uuid("task_id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** COMMENT | QUESTION | ANSWER */
    kind: text("kind").notNull(),
    /** Of an answer: the question. */
    questionId: uuid("question_id"),
    /** Of a question: who is asked. */
    askedId: uuid("asked_id"),
    authorId: uuid("author_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    text: text("text").notNull(),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Links that complete a task without a login, once. */
export const taskLinks = workflowsSchema.table(
  "task_links",
  {
    tenantId: tenantId(),
    id: id(),
    taskId: uuid("task_id").notNull(),
    userId: uuid("user_id").notNull(),
    /** Of the email that it was sent to: void when the user has another one. */
    emailHash: text("email_hash").notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Exported view: state, status, owner, assignee and data of instances, for the stores of other subgraphs to join. */
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
  })
  .existing();
