import { bigint, integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { appSchema } from "./app.js";
import { at, id, tenantId } from "./columns.js";

/** Imports of CSV files. All times are true times. */
export const importJobs = appSchema.table(
  "imports",
  {
    tenantId: tenantId(),
    id: id(),
    /** REQUESTS | BUILDINGS | ASSETS | VENDORS */
    list: text("list").notNull(),
    /** UPDATE | SKIP */
    onExisting: text("on_existing").notNull(),
    /** ALL_OR_NOTHING | LINE_BY_LINE. Null until the import is started. */
    mode: text("mode"),
    /** Null until the header has been read, unless the client chose it. */
    separator: text("separator"),
    /** The header. */
    columns: text("columns").array().notNull().default([]),
    /** Null: by the names in the header, until it has been read. */
    mapping: jsonb("mapping").$type<readonly { readonly column: string; readonly field: string }[]>(),
    /** CHECKING | READY | RUNNING | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("CHECKING"),
    /** Lines with values below the header. Null until the file has been read once. */
    lineCount: integer("line_count"),
    /** Bytes before the line at which the check or the import continues. */
    nextOffset: bigint("next_offset", { mode: "number" }).notNull().default(0),
    /** Number of that line, from 1. */
    nextLine: integer("next_line").notNull().default(1),
    doneCount: integer("done_count").notNull().default(0),
    createdCount: integer("created_count").notNull().default(0),
    updatedCount: integer("updated_count").notNull().default(0),
    skippedCount: integer("skipped_count").notNull().default(0),
    failedCount: integer("failed_count").notNull().default(0),
    fileId: uuid("file_id").notNull(),
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
    /** When a worker continues it. Set if, and only if, it is being checked or is running. */
    dueAt: at("due_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const importJobsFacts = facts(importJobs, {
  public: `
    list on_existing mode separator columns mapping status line_count next_offset next_line done_count created_count updated_count
    skipped_count failed_count tries message finished_at due_at`,
  app: [
    "select",
    "insert",
    "update(mode,separator,columns,mapping,status,line_count,next_offset,next_line,done_count,created_count,updated_count,skipped_count,failed_count,tries,message,version,updated_at,finished_at,due_at)",
  ],
  // Readable: the tenants with imports to continue. Deleted by age, with their problems, which this role cannot read.
  worker: ["select(tenant_id,id,updated_at,due_at)", "delete"],
  acrossTenants: "select",
});

/** Problems of the lines of imports. Rows are never changed. */
export const importProblems = appSchema.table(
  "import_problems",
  {
    tenantId: tenantId(),
    id: id(),
    importId: uuid("import_id").notNull(),
    line: integer("line").notNull(),
    /** Name in the header. Null if the problem is not that of one column. */
    columnName: text("column_name"),
    field: text("field"),
    message: text("message").notNull(),
    /** Creator of the import. */
    createdBy: uuid("created_by").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const importProblemsFacts = facts(importProblems, {
  public: "line column_name field",
  // Messages quote values of the file.
  personal: { created_by: "message" },
  app: ["select", "insert"],
  worker: ["select(tenant_id,id,import_id)", "delete"],
});

/** IDs of objects in other systems, by which imports find them again. */
export const externalIds = appSchema.table(
  "external_ids",
  {
    tenantId: tenantId(),
    /** REQUESTS | BUILDINGS | ASSETS | VENDORS */
    list: text("list").notNull(),
    externalId: text("external_id").notNull(),
    objectId: uuid("object_id").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.list, t.externalId] })],
);

export const externalIdsFacts = facts(externalIds, {
  public: "list external_id",
  app: ["select", "insert", "update(external_id)", "delete"],
});
