import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { at, tenantId } from "./columns.js";

/** What every subgraph shares: context functions, object access, idempotency, person keys. */
export const appSchema = pgSchema("app");

/** Which vendor sees which object. Written only through `grantObjectAccess` of shared; read by the restrictive vendor policies. */
export const objectAccess = appSchema.table(
  "object_access",
  {
    tenantId: tenantId(),
    objectId: uuid("object_id").notNull(),
    vendorId: uuid("vendor_id").notNull(),
    grantedAt: at("granted_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.objectId, t.vendorId] })],
);

/** One row per accepted idempotency key; concurrent twins wait on its primary key. */
export const idempotencyKeys = appSchema.table(
  "idempotency_keys",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    mutation: text("mutation").notNull(),
    key: text("key").notNull(),
    inputHash: text("input_hash").notNull(),
    /** Ids that let the answer be read again; null until the first call has finished inside its transaction. */
    result: jsonb("result").$type<Record<string, string>>(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.mutation, t.key] })],
);

/** The data key of a person, wrapped by the installation's master key. Destroying it erases the person from audit and events. */
export const personKeys = appSchema.table(
  "person_keys",
  {
    tenantId: tenantId(),
    personId: uuid("person_id").notNull(),
    wrappedKey: text("wrapped_key"),
    createdAt: at("created_at").notNull().defaultNow(),
    destroyedAt: at("destroyed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.personId] })],
);

/** Gapless numbers per tenant and name (request numbers and the like), taken under a row lock. */
export const counters = appSchema.table(
  "counters",
  { tenantId: tenantId(), name: text("name").notNull(), value: bigint("value", { mode: "number" }).notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.name] })],
);

/** Mails of a transaction that committed. The content (destination and values) is sealed under the receiver's key, and gone when it is over. */
export const mails = appSchema.table(
  "mails",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    /** Who gets it. */
    personId: uuid("person_id").notNull(),
    template: text("template").notNull(),
    /** What it is about: a one-time token. */
    referenceId: uuid("reference_id"),
    destinationHash: text("destination_hash").notNull(),
    content: text("content"),
    /** PENDING | SENT | FAILED (given up) | DROPPED (not wanted any more) */
    status: text("status").notNull().default("PENDING"),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    lastError: text("last_error"),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/**
 * What a tenant uses of its plan, by metric and window (`-infinity`: of none), in 16 slots. Written by the functions `app.meter` and `app.recount_usage`
 * alone; see migration 0011.
 */
export const usage = appSchema.table(
  "usage",
  {
    tenantId: tenantId(),
    metric: text("metric").notNull(),
    windowStart: at("window_start").notNull(),
    slot: smallint("slot").notNull(),
    used: bigint("used", { mode: "number" }).notNull().default(0),
    spare: bigint("spare", { mode: "number" }).notNull().default(0),
    limitSeen: bigint("limit_seen", { mode: "number" }),
    isAnnounced: boolean("is_announced").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.metric, t.windowStart, t.slot] })],
);

/** Nonces of verified gateway calls are kept in memory; this table holds what must survive: facts of the installation (global). */
export const installation = appSchema.table("installation", {
  singleton: integer("singleton").primaryKey().default(1),
  installationId: uuid("installation_id").notNull(),
  mode: text("mode").notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** Versions of the configuration of the platform and of each plan (global); all stay, the last one counts. */
export const sharedConfigurations = appSchema.table(
  "shared_configurations",
  {
    /** PLATFORM | PLAN */
    level: text("level").notNull(),
    /** The plan; empty for the platform. */
    key: text("key").notNull(),
    version: integer("version").notNull(),
    document: jsonb("document").$type<Record<string, unknown>>().notNull(),
    /** Of the platform's tenant; null: shipped. */
    authorId: uuid("author_id"),
    message: text("message").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.level, t.key, t.version] })],
);

/** Versions of the configuration of a tenant and of its teams; all stay, the last one counts. */
export const configurations = appSchema.table(
  "configurations",
  {
    tenantId: tenantId(),
    /** CONTRACT (by the platform's operators) | TENANT | TEAM */
    level: text("level").notNull(),
    /** The team, else the tenant. */
    subjectId: uuid("subject_id").notNull(),
    version: integer("version").notNull(),
    document: jsonb("document").$type<Record<string, unknown>>().notNull(),
    authorId: uuid("author_id").notNull(),
    message: text("message").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.level, t.subjectId, t.version] })],
);
