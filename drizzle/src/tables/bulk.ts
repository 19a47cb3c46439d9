import { sql } from "drizzle-orm";
import { boolean, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** An operation on many instances, which are processed one after the other. */
export const bulkOperations = workflowsSchema.table(
  "bulk_operations",
  {
    tenantId: tenantId(),
    id: id(),
    /** TRANSITION | MIGRATION | UNDO | CANCEL_RUNS | RESUME_RUNS | RETRY_RUNS */
    kind: text("kind").notNull(),
    /** RUNNING | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** Parameters, depending on the kind. */
    params: jsonb("params").notNull().$type<Record<string, unknown>>(),
    comment: text("comment"),
    /** For UNDO: the migration to undo. */
    undoesId: uuid("undoes_id"),
    total: integer("total").notNull(),
    done: integer("done").notNull().default(0),
    failed: integer("failed").notNull().default(0),
    /** Reason why the operation ended early. */
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

export const bulkOperationsFacts = facts(bulkOperations, {
  public: "kind status params total done failed message finished_at",
  personal: { created_by: "comment" },
  // The requested operation itself cannot be changed.
  app: ["select", "insert", "update(status,done,failed,message,version,updated_at,finished_at)"],
  // Readable: the tenants with work to do. The work itself is read as weft_app, in the tenant.
  worker: ["select(tenant_id,status,updated_at)"],
  acrossTenants: "select",
});

/** An instance of an operation, and its result. */
export const bulkItems = workflowsSchema.table(
  "bulk_items",
  {
    tenantId: tenantId(),
    operationId: uuid("operation_id").notNull(),
    /** Position in the order of processing, starting at 1. */
    position: integer("position").notNull(),
    instanceId: uuid("instance_id").notNull(),
    /** Version of the instance when the operation was requested. */
    plannedVersion: integer("planned_version").notNull(),
    /** PENDING | DONE | FAILED | CANCELLED */
    status: text("status").notNull().default("PENDING"),
    code: text("code"),
    message: text("message"),
    /** Number of attempts without a known end: the current one, and those whose process crashed. */
    attempts: integer("attempts").notNull().default(0),
    /** Number of attempts that ended because the service was unavailable. */
    unavailable: integer("unavailable").notNull().default(0),
    /** Version of the instance after the operation. */
    resultVersion: integer("result_version"),
    /** Data required to undo the operation. */
    kept: jsonb("kept").$type<Record<string, unknown>>(),
    hasKept: boolean("has_kept")
      .notNull()
      .generatedAlwaysAs(sql`(kept is not null)`),
    finishedAt: at("finished_at"),
    /** The run, in operations on runs. */
    runId: uuid("run_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.operationId, t.position] })],
);

export const bulkItemsFacts = facts(bulkItems, {
  public: "position planned_version status code message attempts unavailable result_version kept has_kept finished_at",
  // The requested operation itself cannot be changed.
  app: ["select", "insert", "update(status,code,message,result_version,kept,finished_at,attempts,unavailable)"],
  // Clears the data kept for undo, by age. This role cannot read that data.
  worker: ["select(tenant_id,has_kept,finished_at)", "update(kept)"],
});
