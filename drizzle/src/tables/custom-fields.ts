import { boolean, doublePrecision, integer, json, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { appSchema } from "./app.js";
import { at, id, tenantId } from "./columns.js";

/** A property that lists filter and order by. */
export interface IndexedCustomField {
  readonly name: string;
  readonly type: "TEXT" | "NUMBER" | "BOOLEAN" | "ENCRYPTED";
  readonly isForVendors: boolean;
}

/** The properties that a tenant adds to a kind or type of object. */
export const customFieldSchemas = appSchema.table(
  "custom_field_schemas",
  {
    tenantId: tenantId(),
    id: id(),
    /** BUILDING | VENDOR | PROJECT | ASSET */
    kind: text("kind").notNull(),
    /** Type of the objects, for kinds whose types have their own fields; otherwise empty. */
    typeKey: text("type_key").notNull().default(""),
    /** JSON Schema. The order of its properties is that of forms. */
    schema: json("schema").notNull().$type<Record<string, unknown>>(),
    indexed: jsonb("indexed").notNull().$type<IndexedCustomField[]>(),
    /** Names of the properties whose values are encrypted. */
    encrypted: text("encrypted").array().notNull().default([]),
    /** Names of encrypted properties of which objects, or earlier versions of them, can still have values in plain text. */
    encrypting: text("encrypting").array().notNull().default([]),
    /** When a worker continues to encrypt them. Null: there is nothing to do. */
    encryptAt: at("encrypt_at"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const customFieldSchemasFacts = facts(customFieldSchemas, {
  public: "kind type_key schema indexed encrypted encrypting encrypt_at",
  app: ["select", "insert", "update(schema,indexed,version,updated_at,encrypted,encrypting,encrypt_at)"],
  // Readable: the tenants with values of custom fields to encrypt.
  worker: ["select(tenant_id,encrypt_at)"],
  acrossTenants: "select",
});

/** Every version of the schemas. */
export const customFieldSchemaVersions = appSchema.table(
  "custom_field_schema_versions",
  {
    tenantId: tenantId(),
    schemaId: uuid("schema_id").notNull(),
    version: integer("version").notNull(),
    schema: json("schema").notNull().$type<Record<string, unknown>>(),
    message: text("message"),
    authorId: uuid("author_id").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.schemaId, t.version] })],
);

export const customFieldSchemaVersionsFacts = facts(customFieldSchemaVersions, {
  public: "schema",
  personal: { author_id: "message" },
  app: "append",
});

/** Values of indexed fields, written only by triggers: a row for each object and indexed field, also for objects without a value. */
export const customFieldValues = appSchema.table(
  "custom_field_values",
  {
    tenantId: tenantId(),
    kind: text("kind").notNull(),
    objectId: uuid("object_id").notNull(),
    field: text("field").notNull(),
    /** TEXT | NUMBER | ENCRYPTED, whose text is a blind index */
    type: text("type").notNull(),
    isForVendors: boolean("is_for_vendors").notNull(),
    /** Whether the object has a value. If not, the value is the last one of the order. */
    isSet: boolean("is_set").notNull(),
    textValue: text("text_value").notNull(),
    numberValue: doublePrecision("number_value").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind, t.objectId, t.field] })],
);

export const customFieldValuesFacts = facts(customFieldValues, {
  public: "kind field type is_for_vendors is_set text_value number_value",
  // Written only by triggers on the objects and on the schemas, with the role that writes these.
  app: "own",
});
