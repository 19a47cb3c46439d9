import { bigint, boolean, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { auditSchema } from "./audit.js";
import { at, id, tenantId } from "./columns.js";

/** Streams of the audit trail to other systems. Each has a place of its own in the chain. All times are true times. */
export const auditStreams = auditSchema.table(
  "streams",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    /** SYSLOG | HTTP | S3 */
    transport: text("transport").notNull(),
    url: text("url").notNull(),
    /** What the receiver asks for, as encrypted JSON. */
    access: text("access").notNull(),
    accessNames: text("access_names").array().notNull().default([]),
    /** Whether entries are sent with the rows before and after the change. */
    includesValues: boolean("includes_values").notNull().default(false),
    /** ACTIVE | PAUSED */
    status: text("status").notNull().default("ACTIVE"),
    /** Place in the chain up to which the receiver has the entries. */
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    /** Last place of the chain. The sealer writes it. */
    head: bigint("head", { mode: "number" }).notNull(),
    /** When a worker sends the next batch; while it does, when its claim ends. Null: the receiver has everything, or the stream is paused. */
    dueAt: at("due_at"),
    /** Number of claims. A worker that reports late has another number, and changes nothing. */
    claims: integer("claims").notNull().default(0),
    /** Attempts since the last one that succeeded. */
    failures: integer("failures").notNull().default(0),
    /** Time of the first of these attempts. */
    failingSince: at("failing_since"),
    lastError: text("last_error"),
    lastSentAt: at("last_sent_at"),
    /** When the administrators were told that it stands still. */
    stalledAt: at("stalled_at"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const auditStreamsFacts = facts(auditStreams, {
  public: `
    name transport url access_names includes_values status sequence head due_at claims failures failing_since last_error last_sent_at
    stalled_at`,
  secret: "access",
  app: "own",
  // Readable: the tenants with streams to continue, and how many stand still. The sealer writes how far the chain reaches.
  worker: ["select(tenant_id,status,sequence,head,due_at,stalled_at)", "update(head,due_at)"],
  acrossTenants: "select",
});
