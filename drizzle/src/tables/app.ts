import { bigint, boolean, date, integer, jsonb, pgSchema, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, tenantId } from "./columns.js";

/** Shared by all subgraphs: context functions, object access, idempotency, person keys. */
export const appSchema = pgSchema("app");

/**
 * Vendors and the objects that they can see. Written only through `grantObjectAccess` and `revokeObjectAccess` of packages/platform; read by the restrictive
 * vendor policies.
 */
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

export const objectAccessFacts = facts(objectAccess, { public: "granted_at", app: ["select", "insert", "delete"] });

/** Requests, assets, buildings and spaces as they were before their changes. Written by triggers. */
export const objectVersions = appSchema.table(
  "object_versions",
  {
    tenantId: tenantId(),
    objectId: uuid("object_id").notNull(),
    /** The row had these values until this time. */
    until: at("until").notNull(),
    /** The row, by the names of its columns. */
    image: jsonb("image").notNull().$type<Readonly<Record<string, unknown>>>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.objectId, t.until] })],
);

export const objectVersionsFacts = facts(objectVersions, {
  public: "until image",
  // Written only by triggers. Re-encryption replaces ciphertexts in images; a trigger refuses other changes.
  app: ["select", "insert", "update(image)"],
});

/** Words by which full-text searches find objects. Written by `app.index_text`. */
export const searchWords = appSchema.table(
  "search_words",
  {
    tenantId: tenantId(),
    objectType: text("object_type").notNull(),
    objectId: uuid("object_id").notNull(),
    /** The object itself, or its comment that contains the word. */
    sourceId: uuid("source_id").notNull(),
    /** INTERNAL | PUBLIC */
    audience: text("audience").notNull(),
    /** The only vendor whose users find it. Null for every vendor that sees the object. */
    vendorId: uuid("vendor_id"),
    word: text("word").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.objectId, t.sourceId, t.word] })],
);

export const searchWordsFacts = facts(searchWords, { public: "object_type audience word", app: ["select", "insert", "delete"] });

/** One row per accepted idempotency key. Concurrent calls with the same key wait on its primary key. */
export const idempotencyKeys = appSchema.table(
  "idempotency_keys",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    mutation: text("mutation").notNull(),
    key: text("key").notNull(),
    inputHash: text("input_hash").notNull(),
    /** IDs with which the result can be read again. Null until the first call has finished in its transaction. */
    result: jsonb("result").$type<Record<string, string>>(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.mutation, t.key] })],
);

export const idempotencyKeysFacts = facts(idempotencyKeys, {
  public: "mutation key input_hash result",
  app: "own",
  // Deleted by age, tenant by tenant. This role cannot read the inputs and results of keys.
  worker: ["select(tenant_id,created_at)", "delete"],
});

/** Data key of a person, encrypted with the installation's master key. Destroying it erases the person from audit entries and events. */
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

export const personKeysFacts = facts(personKeys, { public: "destroyed_at", secret: "wrapped_key", app: "write" });

/** Data keys of a tenant, encrypted with the installation's master key. They encrypt the secrets that the tenant stores. */
export const tenantKeys = appSchema.table(
  "tenant_keys",
  {
    tenantId: tenantId(),
    /** Number of the key in its tenant. Ciphertexts contain it. */
    number: integer("number").notNull(),
    wrappedKey: text("wrapped_key").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.number] })],
);

export const tenantKeysFacts = facts(tenantKeys, {
  public: "number",
  secret: "wrapped_key",
  // Updated when the master key is rotated, and deleted when no secret needs them.
  app: ["select", "insert", "update(wrapped_key)", "delete"],
});

/** Numbers per tenant and name (for example request numbers), assigned by `app.next_number`. */
export const counters = appSchema.table(
  "counters",
  {
    tenantId: tenantId(),
    name: text("name").notNull(),
    /** The last number of the lane. */
    value: bigint("value", { mode: "number" }).notNull(),
    /** 1 to 32. A lane deals every 32nd number, starting with its own. */
    lane: smallint("lane").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.name, t.lane] })],
);

export const countersFacts = facts(counters, { public: "name value lane", app: "write" });

/**
 * Emails of committed transactions. The content (destination and values) is encrypted with the recipient's key, and deleted when the email is
 * finished.
 */
export const mails = appSchema.table(
  "mails",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    /** Recipient. */
    personId: uuid("person_id").notNull(),
    template: text("template").notNull(),
    /** Object that it is about: a one-time token or a task link. */
    referenceId: uuid("reference_id"),
    destinationHash: text("destination_hash").notNull(),
    content: text("content"),
    /** PENDING | SENT | FAILED (no more attempts) | DROPPED (no longer wanted, too old or unreadable) */
    status: text("status").notNull().default("PENDING"),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: at("next_attempt_at").notNull().defaultNow(),
    lastError: text("last_error"),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
    /** A mail server had accepted it, and has reported later that it was not delivered. */
    cameBackAt: at("came_back_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const mailsFacts = facts(mails, {
  public: "template status attempts next_attempt_at finished_at came_back_at",
  // The content is secret although it is ciphertext, because it can contain a token.
  secret: "destination_hash content",
  // Mail servers can repeat the address.
  personal: { person_id: "last_error" },
  app: "write",
  // Readable: the tenants with due emails, the emails per destination, and their age. The content is read as weft_app, in the tenant.
  worker: ["select(tenant_id,template,destination_hash,status,next_attempt_at,created_at,finished_at,came_back_at)", "delete"],
  acrossTenants: "select",
});

/**
 * A tenant's usage of its plan, by metric and window (`-infinity`: no window), in 16 slots. Written only by the functions `app.meter` and
 * `app.recount_usage`.
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

export const usageFacts = facts(usage, {
  public: "metric window_start slot used spare limit_seen is_announced",
  app: "write",
  // Deleted by age of the window, tenant by tenant. This role cannot read the usage.
  worker: ["select(tenant_id,window_start)", "delete"],
  auth: "read",
});

/** What the clients of a tenant use of the API, by day (UTC). Gateways add to it. */
export const fieldUses = appSchema.table(
  "field_uses",
  {
    tenantId: tenantId(),
    day: date("day", { mode: "string" }).notNull(),
    /** As the client names itself; empty if it does not. */
    clientName: text("client_name").notNull(),
    clientVersion: text("client_version").notNull(),
    /** Number of operations that used an element, by its coordinate. */
    fields: jsonb("fields").$type<Readonly<Record<string, number>>>().notNull(),
    /** Reasons of those that were deprecated when they were used, by coordinate. */
    deprecated: jsonb("deprecated").$type<Readonly<Record<string, string>>>().notNull().default({}),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.day, t.clientName, t.clientVersion] })],
);

export const fieldUsesFacts = facts(fieldUses, {
  public: "day client_name client_version fields deprecated",
  app: "write",
  // Deleted by age, tenant by tenant.
  worker: ["select(tenant_id,day)", "delete"],
  auth: "read",
});

/** Properties of the installation (global) that must survive a restart. Nonces of verified gateway calls, in contrast, are kept in memory. */
export const installation = appSchema.table("installation", {
  singleton: integer("singleton").primaryKey().default(1),
  installationId: uuid("installation_id").notNull(),
  mode: text("mode").notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const installationFacts = facts(installation, { public: "singleton mode", app: "append", worker: "read" });

/** Versions of the configuration of the platform and of each plan (global). All versions are kept; the last one is effective. */
export const sharedConfigurations = appSchema.table(
  "shared_configurations",
  {
    /** PLATFORM | PLAN */
    level: text("level").notNull(),
    /** The plan. Empty for the platform. */
    key: text("key").notNull(),
    version: integer("version").notNull(),
    document: jsonb("document").$type<Record<string, unknown>>().notNull(),
    /** A user of the platform tenant. Null if the version was shipped with Weft. */
    authorId: uuid("author_id"),
    message: text("message").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.level, t.key, t.version] })],
);

export const sharedConfigurationsFacts = facts(sharedConfigurations, {
  public: "level key document",
  personal: { author_id: "message" },
  app: "append",
  auth: "read",
});

/** Versions of the configuration of a tenant and of its teams. All versions are kept; the last one is effective. */
export const configurations = appSchema.table(
  "configurations",
  {
    tenantId: tenantId(),
    /** CONTRACT (by platform operators) | TENANT | TEAM */
    level: text("level").notNull(),
    /** The team; for the other levels, the tenant. */
    subjectId: uuid("subject_id").notNull(),
    version: integer("version").notNull(),
    document: jsonb("document").$type<Record<string, unknown>>().notNull(),
    authorId: uuid("author_id").notNull(),
    message: text("message").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.level, t.subjectId, t.version] })],
);

export const configurationsFacts = facts(configurations, {
  public: "level document",
  personal: { author_id: "message" },
  app: "append",
  auth: "read",
});

/** Changes of calendars that a worker carries over to work in progress. Written in the transaction of the change. */
export const calendarChanges = appSchema.table(
  "calendar_changes",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    /** Null: the whole tenant. */
    teamId: uuid("team_id"),
    /** Whether other tenants inherit the change: those of the plan, or all of them. */
    isShared: boolean("is_shared").notNull().default(false),
    plan: text("plan"),
    /** Null if an operator of the platform made the change. */
    message: text("message"),
    requestedBy: uuid("requested_by"),
    /** Number of a transaction. Tenants are visited once all transactions before it have ended. Only of a shared change. */
    waitsFor: bigint("waits_for", { mode: "number" }),
    lastTenantId: uuid("last_tenant_id"),
    createdAt: at("created_at").notNull(),
    completedAt: at("completed_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const calendarChangesFacts = facts(calendarChanges, {
  public: "is_shared plan waits_for completed_at",
  personal: { requested_by: "message" },
  app: ["select", "insert", "update(waits_for,last_tenant_id,completed_at)"],
  // Readable: the tenants with a change to carry over to open clocks.
  worker: ["select(tenant_id,created_at,completed_at)"],
  acrossTenants: "select",
});
