import { bigint, integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const eventsSchema = pgSchema("events");

/** Append-only: what happened. Personal values in the payload are ciphertext under the person's key. */
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
    /** Further objects that the event concerns: type → id. */
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

/** Waits for the relay. `seq` is drawn under the subject's row lock, so its order per subject is the order of commits. */
export const outbox = eventsSchema.table(
  "outbox",
  { tenantId: tenantId(), eventId: uuid("event_id").notNull(), seq: bigint("seq", { mode: "number" }).generatedAlwaysAsIdentity() },
  (t) => [primaryKey({ columns: [t.tenantId, t.seq] })],
);

/** Gapless position per tenant, given by the relay: the cursor of clients. */
export const positions = eventsSchema.table(
  "positions",
  { tenantId: tenantId(), position: bigint("position", { mode: "number" }).notNull(), eventId: uuid("event_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.position] })],
);

/** Last position given, per tenant. */
export const positionHeads = eventsSchema.table("position_heads", {
  tenantId: uuid("tenant_id").primaryKey(),
  position: bigint("position", { mode: "number" }).notNull(),
});

/** How far a durable consumer has come, per tenant; it continues behind this position. */
export const consumerCursors = eventsSchema.table(
  "consumer_cursors",
  {
    tenantId: tenantId(),
    consumer: text("consumer").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    /** Tries at what stands behind the position, since it last moved. */
    attempts: integer("attempts").notNull().default(0),
    /** Up to here it goes one by one. */
    carefulTo: bigint("careful_to", { mode: "number" }).notNull().default(0),
    /** Events parked since one was handled. */
    parkedInRow: integer("parked_in_row").notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.consumer] })],
);

/** Events that a consumer could not handle and went on without. */
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
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.consumer, t.eventId] })],
);
