import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
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
    /** CHANGE | FORBIDDEN | NOT_FOUND | REFUSED_LOGIN | REFUSED_TRANSITION | PROFILE_VIOLATION | LIMIT | FAILURE | SENSITIVE_READ */
    class: text("class").notNull().default("CHANGE"),
    /** SUCCESS | REFUSED | FAILED */
    outcome: text("outcome").notNull().default("SUCCESS"),
    /** Of an entry that is about no change: the code and the field of the API, how often it happened, and when first and last. */
    details: jsonb("details").$type<AuditDetails>(),
    /** As the client names itself. Null if it does not. */
    clientName: text("client_name"),
    clientVersion: text("client_version"),
    userAgent: text("user_agent"),
    /** Real time, never the tenant's virtual clock. */
    at: at("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const auditEntriesFacts = facts(auditEntries, {
  // Personal values in images are already encrypted.
  public: "action entity_type before after request_id class outcome details client_name client_version at",
  personal: { actor_id: "address user_agent" },
  isCiphertext: true,
  app: "append",
  worker: "read",
  acrossTenants: "select",
});

/** What happened without a change, such as a refusal, within about a minute. */
export interface AuditDetails {
  /** Code of the error. Absent if nothing was refused. */
  readonly code?: string;
  /** Field of the API, for example `Mutation.createBuilding`. */
  readonly operation: string;
  readonly count: number;
  /** ISO 8601 */
  readonly firstAt: string;
  readonly lastAt: string;
}

/**
 * What happened without a change, counted by person and rule until an entry records it. A row stays for a minute after its entry: what happens again until
 * then is in the next one. Personal values are ciphertext, as in entries.
 */
export const occurrences = auditSchema.table(
  "occurrences",
  {
    tenantId: tenantId(),
    /** Made of the class, the code, the operation, and the person: gateways count in the same row. */
    id: uuid("id").notNull(),
    class: text("class").notNull(),
    outcome: text("outcome").notNull(),
    code: text("code"),
    operation: text("operation").notNull(),
    actorId: uuid("actor_id").notNull(),
    /** Of the last occurrence, as all columns up to the user agent. */
    onBehalfOf: uuid("on_behalf_of"),
    sessionId: uuid("session_id"),
    requestId: text("request_id").notNull(),
    address: text("address"),
    clientName: text("client_name"),
    clientVersion: text("client_version"),
    userAgent: text("user_agent"),
    /** Since the last entry. */
    count: bigint("count", { mode: "number" }).notNull(),
    firstAt: at("first_at").notNull(),
    lastAt: at("last_at").notNull(),
    /** When the next entry can be written, or, if nothing happened until then, the row is deleted. */
    dueAt: at("due_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const occurrencesFacts = facts(occurrences, {
  public: "class outcome code operation request_id client_name client_version count first_at last_at due_at",
  personal: { actor_id: "address user_agent" },
  isCiphertext: true,
  app: "own",
  // Readable: the tenants with occurrences to record. The rest is read as weft_app, in the tenant.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** Queue of the sealer, as the outbox is the queue of the relay. */
export const unsealed = auditSchema.table(
  "unsealed",
  { tenantId: tenantId(), entryId: uuid("entry_id").notNull(), seq: bigint("seq", { mode: "number" }).generatedAlwaysAsIdentity() },
  (t) => [primaryKey({ columns: [t.tenantId, t.seq] })],
);

export const unsealedFacts = facts(unsealed, { public: "seq", app: "append", worker: "queue", acrossTenants: "all" });

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

export const sealsFacts = facts(seals, {
  public: "sequence entry_hash hash sealed_at",
  app: "read",
  worker: "append",
  acrossTenants: "all",
});

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

export const checkpointsFacts = facts(checkpoints, {
  public: "sequence hash signature at",
  app: "read",
  worker: "append",
  acrossTenants: "all",
});

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

export const verificationsFacts = facts(verifications, {
  public: "status known_checkpoint total sequence hash checkpoint is_valid problem unsealed message finished_at",
  // The checkpoint to verify against and the requester cannot be changed.
  app: ["select", "insert", "update(status,total,sequence,hash,checkpoint,is_valid,problem,unsealed,message,updated_at,finished_at)"],
  // Readable: the tenants with a verification to run. The rest is read as weft_app, in the tenant.
  worker: ["select(tenant_id,status,updated_at)"],
  acrossTenants: "select",
});

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

export const verifiedEndsFacts = facts(verifiedEnds, { public: "sequence checkpoint verified_at", app: "write" });

/** In-app notifications, one per user, event, kind and rule. */
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
    archivedAt: at("archived_at"),
    /** The rule of the tenant that caused it. Null for notifications of Weft. */
    ruleId: uuid("rule_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const notificationsFacts = facts(notifications, {
  public: "kind title subject_type params read_at is_deleted archived_at",
  copies: "title params",
  app: "write",
});

/** What users want to be told, and how. Their quiet hours are in the row of all kinds and channels. */
export const notificationPreferences = auditSchema.table(
  "notification_preferences",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    /** A kind of notification. ALL: all kinds without a row of their own. */
    kind: text("kind").notNull(),
    /** IN_APP | EMAIL | CHAT | WEB_PUSH | SMS. ALL: the row with the quiet hours. */
    channel: text("channel").notNull(),
    /** Null: as the wider row, and finally the organization, says. */
    isEnabled: boolean("is_enabled"),
    /** NONE | HOURLY | DAILY */
    digest: text("digest"),
    /** Local time, HH:MM. */
    quietFrom: text("quiet_from"),
    quietTo: text("quiet_to"),
    snoozedUntil: at("snoozed_until"),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.kind, t.channel] })],
);

export const notificationPreferencesFacts = facts(notificationPreferences, {
  public: "kind channel is_enabled digest quiet_from quiet_to snoozed_until",
  app: "write",
});

/** Chats, browsers and phone numbers of users, and chats of teams, to which notifications are sent. */
export const notificationDestinations = auditSchema.table(
  "notification_destinations",
  {
    tenantId: tenantId(),
    id: id(),
    /** Null if it belongs to a team. */
    userId: uuid("user_id"),
    /** CHAT | WEB_PUSH | SMS */
    channel: text("channel").notNull(),
    name: text("name").notNull(),
    /** SLACK | TEAMS. Only of chats. */
    format: text("format"),
    /** Encrypted: the URL, and the keys of a browser; or the phone number. Empty once it was removed. */
    address: text("address").notNull(),
    /** SHA-256, of a phone number an HMAC. A destination that is added again is found by it. */
    addressHash: text("address_hash").notNull(),
    /** Host of the URL, or the last two digits of the phone number. */
    host: text("host").notNull(),
    /** UNCONFIRMED | ACTIVE | DISABLED | REMOVED. Only phone numbers are confirmed. */
    status: text("status").notNull().default("ACTIVE"),
    /** Why it was disabled, or its code was not sent. */
    reason: text("reason"),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Only of chats. Null if it belongs to a user. */
    teamId: uuid("team_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const notificationDestinationsFacts = facts(notificationDestinations, {
  public: "channel format status",
  secret: "address address_hash",
  personal: { user_id: "name host reason" },
  app: "write",
});

/** Text messages (SMS) of the last days, by which limits count them; and the codes that confirm phone numbers. */
export const textMessages = auditSchema.table(
  "text_messages",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    destinationId: uuid("destination_id").notNull(),
    /** That of the destination: limits apply to it. */
    addressHash: text("address_hash").notNull(),
    /** CODE | NOTIFICATION */
    purpose: text("purpose").notNull(),
    /** READY | SENDING | SENT | FAILED | UNKNOWN. Only of codes: notifications have the status of their deliveries. */
    status: text("status"),
    /** HMAC of the code. The code is made when it is sent, and never stored. */
    codeHash: text("code_hash"),
    expiresAt: at("expires_at"),
    wrongTries: integer("wrong_tries").notNull().default(0),
    /** Number of claims, too: a sender that reports late has another number, and changes nothing. */
    attempts: integer("attempts").notNull().default(0),
    /** When the code is tried; while it is SENDING, when its claim ends. */
    nextAttemptAt: at("next_attempt_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const textMessagesFacts = facts(textMessages, {
  public: "purpose status expires_at wrong_tries attempts next_attempt_at",
  secret: "address_hash code_hash",
  app: "own",
  // Readable: the tenants with codes to send, and how many a number has got from all tenants. Deleted by age.
  worker: ["select(tenant_id,address_hash,purpose,status,next_attempt_at,created_at)", "delete"],
  acrossTenants: "select",
});

/** Notifications outside the app: one per person, channel, destination and event; for a chat of a team, one per rule. Several can be in one message. */
export const notificationDeliveries = auditSchema.table(
  "notification_deliveries",
  {
    tenantId: tenantId(),
    id: id(),
    /** Null if it is for a team. */
    userId: uuid("user_id"),
    /** Null if it is for a team. */
    notificationId: uuid("notification_id"),
    eventId: uuid("event_id").notNull(),
    kind: text("kind").notNull(),
    /** EMAIL | CHAT | WEB_PUSH | SMS */
    channel: text("channel").notNull(),
    /** Null for emails. */
    destinationId: uuid("destination_id"),
    /** QUEUED | READY | SENDING | SENT | FAILED | UNKNOWN | CANCELLED | SUPPRESSED | BOUNCED | COMPLAINED */
    status: text("status").notNull().default("QUEUED"),
    /** Why it was postponed, cancelled or suppressed. */
    reason: text("reason"),
    /** When it becomes part of a message, in the tenant's time. Null once it has. */
    dueAt: at("due_at"),
    /** The message that contains it: the ID of the message's first delivery. */
    messageId: uuid("message_id"),
    bundledAt: at("bundled_at"),
    attempts: integer("attempts").notNull().default(0),
    /** Number of claims. It is never reset, so that a sender whose claim was lost changes nothing. */
    claims: integer("claims").notNull().default(0),
    /** When the message became ready to be sent, in true time. */
    readyAt: at("ready_at"),
    /** When the message is tried, in true time; while it is SENDING, when its claim ends. Only of one delivery of the message. */
    nextAttemptAt: at("next_attempt_at"),
    lastError: text("last_error"),
    sentAt: at("sent_at"),
    /** Whether the rule that caused it does not let users turn it off. */
    isMandatory: boolean("is_mandatory").notNull().default(false),
    /** What the recipient could read when it was queued, and must still be able to read when it is sent. Null: nothing is checked. */
    requiredAccess: jsonb("required_access").$type<RequiredAccess>(),
    /** Time of the event, in the tenant's time. */
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** SHA-256 of the address to which an email was sent. */
    addressHash: text("address_hash"),
    /** The team whose chat gets it. Null if it is for a user. */
    teamId: uuid("team_id"),
    /** Of deliveries to teams: the rule that caused it, and what it says about the event. Users have notifications instead. */
    ruleId: uuid("rule_id"),
    title: text("title"),
    body: text("body"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const notificationDeliveriesFacts = facts(notificationDeliveries, {
  public: `
    kind channel status reason due_at bundled_at attempts claims ready_at next_attempt_at sent_at is_mandatory required_access title body`,
  secret: "address_hash",
  // The answer of a mail server can contain the address.
  personal: { user_id: "last_error" },
  copies: "title body",
  app: "write",
  // Readable: the tenants with deliveries to bundle or to send. Deleted by age.
  worker: ["select(tenant_id,event_id,channel,status,due_at,next_attempt_at,created_at)", "delete"],
  acrossTenants: "select",
});

/** What a user must be able to read to be told of an event. IDs are UUIDs. */
export interface RequiredAccess {
  /** All of them. */
  readonly objects: readonly { readonly type: string; readonly id: string; readonly isInternal?: boolean }[];
  /** A further permission. */
  readonly permission: string | null;
}

/** Addresses that a mail server has refused permanently. A new address of the user is not suppressed. */
export const mailSuppressions = auditSchema.table(
  "mail_suppressions",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    /** SHA-256 */
    addressHash: text("address_hash").notNull(),
    reason: text("reason").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.addressHash] })],
);

export const mailSuppressionsFacts = facts(mailSuppressions, {
  public: "address_hash",
  personal: { user_id: "reason" },
  app: ["select", "insert", "delete"],
});

/** Templates of the messages about notifications. */
export const notificationTemplates = auditSchema.table(
  "notification_templates",
  {
    tenantId: tenantId(),
    id: id(),
    kind: text("kind").notNull(),
    /** EMAIL */
    channel: text("channel").notNull(),
    /** BCP 47. */
    locale: text("locale").notNull(),
    /** Null: none is published, so the built-in template is used. */
    publishedNumber: integer("published_number"),
    latestNumber: integer("latest_number").notNull().default(1),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const notificationTemplatesFacts = facts(notificationTemplates, {
  public: "kind channel locale published_number latest_number",
  app: ["select", "insert", "update(published_number,latest_number,version,updated_at)", "delete"],
});

/** Versions of templates. They never change. */
export const notificationTemplateVersions = auditSchema.table(
  "notification_template_versions",
  {
    tenantId: tenantId(),
    templateId: uuid("template_id").notNull(),
    number: integer("number").notNull(),
    /** Liquid. */
    subject: text("subject").notNull(),
    /** MJML with Liquid. */
    body: text("body").notNull(),
    /** Liquid. Null: made from the HTML. */
    text: text("text"),
    /** HTML with Liquid, made from the body. */
    html: text("html").notNull(),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.templateId, t.number] })],
);

export const notificationTemplateVersionsFacts = facts(notificationTemplateVersions, {
  public: "number subject body text html",
  app: ["select", "insert", "delete"],
});

/** Rules of tenants: which events notify whom. */
export const notificationRules = auditSchema.table(
  "notification_rules",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    /** Types of Weft, and declared custom types. */
    eventTypes: text("event_types").array().notNull(),
    /** CEL over `event` and `payload`. If empty, the rule applies to all events of the types. */
    condition: text("condition").notNull().default(""),
    recipients: jsonb("recipients").notNull().$type<readonly NotificationRecipient[]>(),
    /** Template with values of the event. */
    title: text("title").notNull(),
    body: text("body").notNull().default(""),
    /** IN_APP | EMAIL | CHAT | WEB_PUSH | SMS */
    channels: text("channels").array().notNull(),
    isMandatory: boolean("is_mandatory").notNull().default(false),
    /** ACTIVE | PAUSED */
    status: text("status").notNull().default("ACTIVE"),
    /** Events up to this position are not considered. */
    afterPosition: bigint("after_position", { mode: "number" }).notNull().default(0),
    ownerId: uuid("owner_id").notNull(),
    /** The last event that had more recipients than a rule can notify, and their number. */
    lastCutAt: at("last_cut_at"),
    lastCutCount: integer("last_cut_count"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const notificationRulesFacts = facts(notificationRules, {
  public: "name event_types condition recipients title body channels is_mandatory status after_position last_cut_at last_cut_count",
  app: "own",
});

/** Recipients of a rule. IDs are UUIDs. */
export type NotificationRecipient =
  | { readonly type: "ROLE"; readonly role: string }
  | { readonly type: "TEAM"; readonly teamId: string }
  | { readonly type: "USER"; readonly userId: string }
  | { readonly type: "RELATION"; readonly relation: "ACTOR" | "REQUESTER" | "OWNER" | "ASSIGNEE" | "WATCHERS" }
  | { readonly type: "EXPRESSION"; readonly expression: string }
  /** All chats of a team. */
  | { readonly type: "TEAM_CHATS"; readonly teamId: string }
  /** A chat of a team. */
  | { readonly type: "CHAT"; readonly destinationId: string };
