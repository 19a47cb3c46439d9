import { bigint, integer, json, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";

export const eventsSchema = pgSchema("events");

/** Log of events. They are never changed, and deleted when they are old. Personal values in the payload are encrypted with the person's key. */
export const eventLog = eventsSchema.table(
  "log",
  {
    tenantId: tenantId(),
    id: id(),
    type: text("type").notNull(),
    typeVersion: integer("type_version").notNull(),
    subjectType: text("subject_type").notNull(),
    subjectId: uuid("subject_id").notNull(),
    subjectVersion: integer("subject_version").notNull(),
    /** Other objects that the event concerns: type → ID. */
    related: jsonb("related").notNull().$type<Record<string, string>>(),
    payload: jsonb("payload").notNull().$type<Record<string, unknown>>(),
    actorId: uuid("actor_id").notNull(),
    onBehalfOf: uuid("on_behalf_of"),
    /** The event that caused this one. */
    causeId: uuid("cause_id"),
    requestId: text("request_id").notNull(),
    traceId: text("trace_id"),
    occurredAt: at("occurred_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const eventLogFacts = facts(eventLog, {
  // Personal values in payloads are already encrypted.
  public: "type type_version subject_type subject_version related payload request_id trace_id occurred_at",
  // Events that a tenant publishes contain what it puts into them.
  copies: "payload",
  app: "append",
  // Deleted by age. A policy keeps them for 30 days, and their positions for as long as the events.
  worker: ["select", "delete"],
  acrossTenants: "select",
});

/** Queue of the relay. `seq` is assigned under the subject's row lock, so for each subject its order is the order of the commits. */
export const outbox = eventsSchema.table(
  "outbox",
  { tenantId: tenantId(), eventId: uuid("event_id").notNull(), seq: bigint("seq", { mode: "number" }).generatedAlwaysAsIdentity() },
  (t) => [primaryKey({ columns: [t.tenantId, t.seq] })],
);

export const outboxFacts = facts(outbox, { public: "seq", app: "append", worker: "queue", acrossTenants: "all" });

/** Gapless position per tenant, assigned by the relay. Clients use it as the cursor. */
export const positions = eventsSchema.table(
  "positions",
  { tenantId: tenantId(), position: bigint("position", { mode: "number" }).notNull(), eventId: uuid("event_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.position] })],
);

export const positionsFacts = facts(positions, {
  public: "position",
  app: "read",
  worker: ["select", "insert", "delete"],
  acrossTenants: "all",
});

/** Last assigned position per tenant. */
export const positionHeads = eventsSchema.table("position_heads", {
  tenantId: uuid("tenant_id").primaryKey(),
  position: bigint("position", { mode: "number" }).notNull(),
});

export const positionHeadsFacts = facts(positionHeads, { public: "position", app: "read", worker: "write", acrossTenants: "all" });

/** What was deleted of a tenant's past because of its age. Without a row, nothing. */
export const retention = eventsSchema.table("retention", {
  tenantId: uuid("tenant_id").primaryKey(),
  /** Events up to this position have been deleted, except those that are still needed. */
  deletedPosition: bigint("deleted_position", { mode: "number" }).notNull().default(0),
  /** The last one of them occurred at this time. */
  deletedUntil: at("deleted_until"),
  /** Up to here, those that had been needed were examined again. */
  examinedPosition: bigint("examined_position", { mode: "number" }).notNull().default(0),
  /** When the last delivery of a webhook that was deleted began. */
  deliveriesDeletedUntil: at("deliveries_deleted_until"),
  /** When the last run of a trigger that was deleted began, in the tenant's time. */
  runsDeletedUntil: at("runs_deleted_until"),
});

export const retentionFacts = facts(retention, {
  public: "deleted_position deleted_until examined_position deliveries_deleted_until runs_deleted_until",
  app: "read",
  worker: "write",
});

/** Progress of a durable consumer per tenant. The consumer continues after this position. */
export const consumerCursors = eventsSchema.table(
  "consumer_cursors",
  {
    tenantId: tenantId(),
    consumer: text("consumer").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    /** Number of attempts at the events after the position, since it last advanced. */
    attempts: integer("attempts").notNull().default(0),
    /** Up to this position, events are handled one by one. */
    carefulTo: bigint("careful_to", { mode: "number" }).notNull().default(0),
    /** Number of consecutively parked events. */
    parkedInRow: integer("parked_in_row").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.consumer] })],
);

export const consumerCursorsFacts = facts(consumerCursors, {
  public: "consumer position attempts careful_to parked_in_row",
  app: "own",
  // Moved over events that the consumer does not want. The rest of a cursor is changed by the consumer, as weft_app.
  worker: ["select", "update(position)"],
  acrossTenants: "select",
});

/** Events that a consumer could not handle and skipped. */
export const parked = eventsSchema.table(
  "parked",
  {
    tenantId: tenantId(),
    consumer: text("consumer").notNull(),
    eventId: uuid("event_id").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    instanceId: uuid("instance_id"),
    attempts: integer("attempts").notNull(),
    /** PARKED | RETRY | SKIPPED | DONE */
    status: text("status").notNull().default("PARKED"),
    parkedAt: at("parked_at").notNull().defaultNow(),
    id: uuid("id").notNull().defaultRandom(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.consumer, t.eventId] })],
);

export const parkedFacts = facts(parked, {
  public: "consumer position attempts status parked_at",
  app: "write",
  worker: ["select(tenant_id,consumer,event_id,status)"],
  acrossTenants: "select",
});

/** Types of events that a tenant declares. Their events are in the log as `custom.published`. */
export const customTypes = eventsSchema.table(
  "custom_types",
  {
    tenantId: tenantId(),
    id: id(),
    /** `custom.` and words separated by dots. */
    name: text("name").notNull(),
    description: text("description").notNull(),
    /** JSON Schema. The order of its properties is kept. */
    payloadSchema: json("payload_schema").notNull().$type<Record<string, unknown>>(),
    /** Version of the payload. Incremented on incompatible changes. */
    typeVersion: integer("type_version").notNull(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Deleted types keep their versions. */
    deletedAt: at("deleted_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const customTypesFacts = facts(customTypes, { public: "name description payload_schema type_version deleted_at", app: "write" });
