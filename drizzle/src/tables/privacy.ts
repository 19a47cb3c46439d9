import { integer, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { identitySchema } from "./identity.js";

/** Legal holds. While one is open, nothing that it covers is erased. */
export const legalHolds = identitySchema.table(
  "legal_holds",
  {
    tenantId: tenantId(),
    id: id(),
    /** user | vendorContact | request | tenant */
    objectType: text("object_type").notNull(),
    objectId: uuid("object_id").notNull(),
    reason: text("reason").notNull(),
    createdBy: uuid("created_by").notNull(),
    endedAt: at("ended_at"),
    endedBy: uuid("ended_by"),
    /** Why it ended. */
    endReason: text("end_reason"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const legalHoldsFacts = facts(legalHolds, {
  public: "object_type ended_at",
  personal: { created_by: "reason", ended_by: "end_reason" },
  copies: "reason end_reason",
  // The reason of an open hold says why it must not be ended.
  erasure: { keeps: "ended_at is null" },
  app: ["select", "insert", "update(ended_at,ended_by,end_reason,version,updated_at)"],
  // Readable: whether a hold is open, for the policies of what the worker deletes.
  worker: ["select(tenant_id,ended_at)"],
});

/** What an erasure did: numbers of rows by table, and of files. */
export interface ErasureReceipt {
  /** Rows whose values were replaced, or that were deleted, by `schema.table`. */
  readonly rows: Readonly<Record<string, number>>;
  /** Rows in which copies of the person's names and addresses were replaced, by `schema.table`. */
  readonly copies: Readonly<Record<string, number>>;
  readonly files: number;
  /** Names and addresses of the person that others in the tenant have, too, so that copies of them stay. Absent until they are counted. */
  readonly sharedValues?: number;
}

/** How far an erasure has come. */
export interface ErasureProgress {
  /** Hash of the steps, and of what they do. Another version of Weft can have others, and then starts over. */
  readonly plan: string;
  /** Name of the step in progress. Those before it are done. */
  readonly step: string;
  /** ID of the last row that it has searched, or what it waits for. Null: none. */
  readonly after: string | null;
  /**
   * Set after something was left at the end: what is done once more. ROWS: the person's rows and files. EVERYTHING: the search for copies, too, because the
   * person's own row had values again.
   */
  readonly repeat?: "ROWS" | "EVERYTHING";
}

/** Requests to export, anonymize or erase the data of a person. */
export const privacyRequests = identitySchema.table(
  "privacy_requests",
  {
    tenantId: tenantId(),
    id: id(),
    /** EXPORT | ANONYMISE | ERASE */
    kind: text("kind").notNull(),
    /** user | vendorContact */
    personType: text("person_type").notNull(),
    personId: uuid("person_id").notNull(),
    /** REQUESTED | APPROVED | COMPLETED | DECLINED | WITHDRAWN | FAILED. Exports are approved from the start. */
    status: text("status").notNull().default("REQUESTED"),
    reason: text("reason").notNull(),
    requestedBy: uuid("requested_by").notNull(),
    /** Session of the requester. The file of an export is for the requester. */
    sessionId: uuid("session_id").notNull(),
    /** The second person. */
    decidedBy: uuid("decided_by"),
    decidedAt: at("decided_at"),
    /** Why it was declined. */
    decisionNote: text("decision_note"),
    /** Why it waits, or has failed. */
    message: text("message"),
    /** What was done so far. Null: not begun. */
    receipt: jsonb("receipt").$type<ErasureReceipt>(),
    /** The receipt, signed with the key of the checkpoints. */
    signedReceipt: text("signed_receipt"),
    /** While it is executed: the values by which copies are found, encrypted with the key of the person. */
    soughtValues: text("sought_values"),
    /** File of an export. */
    fileId: uuid("file_id"),
    /** How far the erasure has come. Null: not begun, or to be started over. */
    progress: jsonb("progress").$type<ErasureProgress>(),
    /** Attempts of workers since one of them went well. */
    tries: smallint("tries").notNull().default(0),
    /** All attempts of workers. A worker notices by it that another one has taken over. */
    claims: integer("claims").notNull().default(0),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
    /** When a worker executes it. Set if, and only if, it is approved. */
    dueAt: at("due_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const privacyRequestsFacts = facts(privacyRequests, {
  public: "kind person_type status decided_at message receipt signed_receipt progress tries claims finished_at due_at",
  secret: "sought_values",
  personal: { requested_by: "reason", decided_by: "decision_note" },
  copies: "reason decision_note",
  app: [
    "select",
    "insert",
    "update(status,decided_by,decided_at,decision_note,message,receipt,signed_receipt,sought_values,file_id,tries,version,updated_at,finished_at,due_at,progress,claims)",
  ],
  // Readable: the tenants with requests to execute.
  worker: ["select(tenant_id,id,kind,due_at)"],
  acrossTenants: "select",
});
