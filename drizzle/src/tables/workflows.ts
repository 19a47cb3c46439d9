import { integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
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
    /** The version that it was made from; may be gone, when that was a draft. */
    parentId: uuid("parent_id"),
    /** Why this version, in its author's words. */
    message: text("message").notNull().default(""),
    tags: text("tags").array().notNull().default([]),
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
    /** START | TRANSITION | ASSIGNMENT | DATA | CANCELLATION | COMMENT | SUSPENSION | RESUMPTION | ROLLBACK */
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
  })
  .existing();
