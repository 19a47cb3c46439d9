import { sql } from "drizzle-orm";
import { boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Something that is done to many instances, one after the other. */
export const bulkOperations = workflowsSchema.table(
  "bulk_operations",
  {
    tenantId: tenantId(),
    id: id(),
    /** TRANSITION | MIGRATION | UNDO */
    kind: text("kind").notNull(),
    /** RUNNING | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** What is to be done, as the kind needs it. */
    params: jsonb("params").notNull().$type<Record<string, unknown>>(),
    comment: text("comment"),
    /** Of an UNDO: the migration. */
    undoesId: uuid("undoes_id"),
    total: integer("total").notNull(),
    done: integer("done").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    /** Why it ended before its end. */
    message: text("message"),
    createdBy: uuid("created_by").notNull(),
    sessionId: uuid("session_id"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** One instance of an operation, and what became of it. */
export const bulkItems = workflowsSchema.table(
  "bulk_items",
  {
    tenantId: tenantId(),
    operationId: uuid("operation_id").notNull(),
    /** From 1: the order in which they are done. */
    position: integer("position").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** The version that the operation was asked upon. */
    plannedVersion: integer("planned_version").notNull(),
    /** PENDING | DONE | FAILED | CANCELLED */
    status: text("status").notNull().default("PENDING"),
    code: text("code"),
    message: text("message"),
    /** Tries that are not known to have ended: this one, and those that took their process with them. */
    attempts: integer("attempts").notNull().default(0),
    /** Tries that have ended because the service was not available. */
    unavailable: integer("unavailable").notNull().default(0),
    /** Of the instance, when it was done. */
    resultVersion: integer("result_version"),
    /** What undoing needs to know. */
    kept: jsonb("kept").$type<Record<string, unknown>>(),
    hasKept: boolean("has_kept")
      .notNull()
      .generatedAlwaysAs(sql`(kept is not null)`),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.operationId, t.position] })],
);
