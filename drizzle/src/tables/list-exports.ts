import { integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { appSchema } from "./app.js";
import { at, id, tenantId } from "./columns.js";

/** Exports of lists. The rows that have been read are in the file storage, in parts, and in the end in one file. All times are true times. */
export const exportJobs = appSchema.table(
  "exports",
  {
    tenantId: tenantId(),
    id: id(),
    /** REQUESTS | BUILDINGS | ASSETS */
    list: text("list").notNull(),
    /** CSV | JSON_LINES */
    format: text("format").notNull(),
    /** As a client writes it: the filter of the view, and that of the call. Null: no conditions. */
    filter: jsonb("filter").$type<Record<string, unknown>>(),
    /** Null: the list's own order. */
    orderBy: jsonb("order_by").$type<{ readonly field: string; readonly direction?: string; readonly name?: string | null }>(),
    columns: text("columns").array().notNull(),
    /** RUNNING | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** Objects that have been read. */
    rowCount: integer("row_count").notNull().default(0),
    /** Cursor of the last object that has been read. Null before the first. */
    lastCursor: text("last_cursor"),
    /** Attempts of the file (`app.files.attempt`) that stored the parts, in order. */
    parts: smallint("parts").array().notNull().default([]),
    fileId: uuid("file_id").notNull(),
    /** The requester's rights with which the objects were read. Null before the first. */
    rightsVersion: text("rights_version"),
    /** Attempts since the last progress. */
    tries: smallint("tries").notNull().default(0),
    /** Why it failed. */
    message: text("message"),
    createdBy: uuid("created_by").notNull(),
    sessionId: uuid("session_id").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
    /** When a worker continues it. Set if, and only if, it is running. */
    dueAt: at("due_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const exportJobsFacts = facts(exportJobs, {
  public: "list format order_by columns status row_count last_cursor parts rights_version tries message finished_at due_at",
  personal: { created_by: "filter" },
  app: [
    "select",
    "insert",
    "update(status,row_count,last_cursor,parts,rights_version,tries,message,version,updated_at,finished_at,due_at)",
  ],
  // Readable: the tenants with exports to continue. Deleted by age, without their file.
  worker: ["select(tenant_id,id,file_id,updated_at,due_at)", "delete"],
  acrossTenants: "select",
});
