import { bigint, boolean, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const auditSchema = pgSchema("audit");

/**
 * Append-only. Written in the transaction of the change that it describes. Contains complete images before and after, with personal values as
 * ciphertext.
 */
export const auditEntries = auditSchema.table(
  "entries",
  {
    tenantId: tenantId(),
    id: id(),
    /** `request.create`, `workflow.fire`, `session.login`, … */
    action: text("action").notNull(),
    entityType: text("entity_type").notNull(),
    entityId: uuid("entity_id").notNull(),
    before: jsonb("before").$type<Record<string, unknown>>(),
    after: jsonb("after").$type<Record<string, unknown>>(),
    actorId: uuid("actor_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    sessionId: uuid("session_id"),
    requestId: text("request_id").notNull(),
    address: text("address"),
    /** Real time, never the tenant's virtual clock. */
    at: at("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Queue of the sealer, as the outbox is the queue of the relay. */
export const unsealed = auditSchema.table(
  "unsealed",
  { tenantId: tenantId(), entryId: uuid("entry_id").notNull(), seq: bigint("seq", { mode: "number" }).generatedAlwaysAsIdentity() },
  (t) => [primaryKey({ columns: [t.tenantId, t.seq] })],
);

/** The chain: hash = SHA-256(previous hash, entry hash, sequence). Append-only. */
export const seals = auditSchema.table(
  "seals",
  {
    tenantId: tenantId(),
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    entryId: uuid("entry_id").notNull(),
    entryHash: text("entry_hash").notNull(),
    hash: text("hash").notNull(),
    sealedAt: at("sealed_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.sequence] })],
);

/** Signed heads of the chain (Ed25519, compact JWS). Append-only. Intended to be copied to another system. */
export const checkpoints = auditSchema.table(
  "checkpoints",
  {
    tenantId: tenantId(),
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    hash: text("hash").notNull(),
    signature: text("signature").notNull(),
    at: at("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.sequence] })],
);

/** Verifications of the whole chain, which a worker runs page by page. */
export const verifications = auditSchema.table(
  "verifications",
  {
    tenantId: tenantId(),
    id: id(),
    /** RUNNING | COMPLETED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** A signed end of the chain that was stored outside Weft. */
    knownCheckpoint: text("known_checkpoint"),
    total: bigint("total", { mode: "number" }).notNull(),
    /** Position reached so far, the hash of the chain there, and the last signed end before it. */
    sequence: bigint("sequence", { mode: "number" }).notNull().default(0),
    hash: text("hash"),
    checkpoint: text("checkpoint"),
    isValid: boolean("is_valid"),
    problem: jsonb("problem").$type<{ kind: string; sequence: number; entryId: string | null; message: string }>(),
    unsealed: bigint("unsealed", { mode: "number" }),
    message: text("message"),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** The newest signed end up to which a tenant's chain was found valid. */
export const verifiedEnds = auditSchema.table(
  "verified_ends",
  {
    tenantId: tenantId(),
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    checkpoint: text("checkpoint").notNull(),
    verifiedAt: at("verified_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId] })],
);

/** In-app notifications, one per user, event and kind. */
export const notifications = auditSchema.table(
  "notifications",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    eventId: uuid("event_id").notNull(),
    /** TASK_OPENED | REQUEST_TRANSITIONED | … */
    kind: text("kind").notNull(),
    title: text("title").notNull(),
    subjectType: text("subject_type").notNull(),
    subjectId: uuid("subject_id").notNull(),
    params: jsonb("params").notNull().$type<Record<string, string>>(),
    readAt: at("read_at"),
    createdAt: at("created_at").notNull(),
    /** Whether it is about a deleted request, which hides it. */
    isDeleted: boolean("is_deleted").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
