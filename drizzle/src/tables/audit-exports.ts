import { bigint, integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { auditSchema } from "./audit.js";
import { at, id, tenantId } from "./columns.js";

/** Exports of the audit trail. What has been read is in the file storage, in parts, and in the end in one file. All times are true times. */
export const exportsOfAudit = auditSchema.table(
  "exports",
  {
    tenantId: tenantId(),
    id: id(),
    /** CSV | JSON_LINES */
    format: text("format").notNull(),
    /** Null: no conditions. */
    filter: jsonb("filter").$type<Record<string, unknown>>(),
    /** Place in the chain before the first entry, and the hash of the chain there. 0: the beginning. */
    afterSequence: bigint("after_sequence", { mode: "number" }).notNull(),
    afterHash: text("after_hash").notNull(),
    /** Place in the chain of the last entry, and the hash of the chain there. */
    upToSequence: bigint("up_to_sequence", { mode: "number" }).notNull(),
    upToHash: text("up_to_hash").notNull(),
    /** RUNNING | COMPLETED | CANCELLED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** Place in the chain that was reached. */
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    /** Entries that have been written. */
    rowCount: integer("row_count").notNull().default(0),
    /** Attempts of the file (`app.files.attempt`) that stored the parts, in order. */
    parts: smallint("parts").array().notNull().default([]),
    /** Hash of the parts, each with those before it. Null before the first one. */
    partsHash: text("parts_hash"),
    fileId: uuid("file_id").notNull(),
    /** The requester's rights with which the entries were read. Null before the first. */
    rightsVersion: text("rights_version"),
    /** Attempts since the last progress. */
    tries: smallint("tries").notNull().default(0),
    /** Why it failed. */
    message: text("message"),
    /** What was signed for the file, a compact JWS. */
    proof: text("proof"),
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

export const exportsOfAuditFacts = facts(exportsOfAudit, {
  public:
    "format after_sequence after_hash up_to_sequence up_to_hash status sequence row_count parts parts_hash rights_version tries message proof finished_at due_at",
  personal: { created_by: "filter" },
  app: [
    "select",
    "insert",
    "update(status,sequence,row_count,parts,parts_hash,rights_version,tries,message,proof,version,updated_at,finished_at,due_at)",
  ],
  // Readable: the tenants with exports to continue. Deleted by age, without their file.
  worker: ["select(tenant_id,id,file_id,updated_at,due_at)", "delete"],
  acrossTenants: "select",
});
