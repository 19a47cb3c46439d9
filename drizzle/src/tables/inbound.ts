import { integer, json, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { eventsSchema } from "./events.js";

/** Endpoints to which other systems send messages, which become events. */
export const inboundWebhooks = eventsSchema.table(
  "inbound_webhooks",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    /** STANDARD_WEBHOOKS | GITHUB | STRIPE | SLACK | HMAC | BASIC */
    scheme: text("scheme").notNull(),
    /** Of the schemes HMAC and BASIC: names of headers, encoding, user name. */
    settings: jsonb("settings").notNull().default({}).$type<InboundSettings>(),
    /** Encrypted. */
    secret: text("secret").notNull(),
    /** Encrypted. Accepted in addition to the secret until it expires. */
    previousSecret: text("previous_secret"),
    previousSecretExpiresAt: at("previous_secret_expires_at"),
    /** ACTIVE | PAUSED */
    status: text("status").notNull().default("ACTIVE"),
    /** Name of the custom event that a message becomes. */
    eventType: text("event_type").notNull(),
    /** CEL expression over `body`, `headers` and `receivedAt`. If empty, every message becomes an event. */
    condition: text("condition").notNull().default(""),
    /** Expressions by property of the event's payload. Null: the payload is the body. */
    payload: json("payload").$type<Record<string, unknown>>(),
    /** Expression: ID of the object that the event is about. */
    subject: text("subject"),
    /** Headers that expressions can read, in lower case. */
    headerNames: text("header_names").array().notNull().default([]),
    /** The user in whose name the events are published: who last saved the webhook. */
    userId: uuid("user_id").notNull(),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const inboundWebhooksFacts = facts(inboundWebhooks, {
  public: "name scheme settings previous_secret_expires_at status event_type condition payload subject header_names",
  secret: "secret previous_secret",
  app: "own",
});

/** Messages that inbound webhooks received, and what became of them. */
export const inboundMessages = eventsSchema.table(
  "inbound_messages",
  {
    tenantId: tenantId(),
    id: id(),
    webhookId: uuid("webhook_id").notNull(),
    /** ID from the sender. Without one, it is derived from what was signed, or random. */
    messageId: text("message_id").notNull(),
    /** Hash of what was signed, if that does not include the ID of the message. */
    replayKey: text("replay_key"),
    /** Body and headers, encrypted. */
    content: text("content").notNull(),
    /** Bytes of the body. */
    size: integer("size").notNull(),
    /** RECEIVED | PUBLISHED | IGNORED | FAILED */
    status: text("status").notNull().default("RECEIVED"),
    /** Why it did not become an event. Encrypted, because it can quote the body. */
    error: text("error"),
    /** The event that the message became. */
    eventId: uuid("event_id"),
    attempts: integer("attempts").notNull().default(0),
    receivedAt: at("received_at").notNull(),
    handledAt: at("handled_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const inboundMessagesFacts = facts(inboundMessages, {
  public: "message_id replay_key size status attempts received_at handled_at",
  // Ciphertexts of what another system sent, which can be about anybody. Deleted by age.
  secret: "content error",
  // Deleted with their webhook, by the foreign key.
  app: ["select", "insert", "update(content,status,error,event_id,attempts,handled_at)"],
  // Readable: how many wait. Deleted by age.
  worker: ["select(tenant_id,id,status,received_at)", "delete"],
  acrossTenants: "select",
});

/** Settings of the schemes HMAC and BASIC. Names of headers are in lower case. */
export type InboundSettings = {
  /** Header with the signature. */
  readonly header?: string;
  readonly algorithm?: "SHA256" | "SHA512";
  readonly encoding?: "HEX" | "BASE64";
  /** Text before the signature. */
  readonly prefix?: string;
  /** Header with a time in Unix seconds, which is signed before the body. */
  readonly timestampHeader?: string;
  /** Header with the ID of the message. */
  readonly idHeader?: string;
  readonly username?: string;
};
