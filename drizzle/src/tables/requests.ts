import { date, integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const requestsSchema = pgSchema("requests");

/** Chooses a definition (by key: the newest published version at start), and which of its data properties a form shows, in order. */
export const requestTypes = requestsSchema.table(
  "request_types",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    definitionKey: text("definition_key").notNull(),
    /** Request numbers are `<prefix>-<n>`. */
    numberPrefix: text("number_prefix").notNull(),
    /** Transitions that `submitRequest` and `cancelRequest` fire. */
    submitTransition: text("submit_transition").notNull(),
    cancelTransition: text("cancel_transition").notNull(),
    /** Those of `closeRequest` and `reopenRequest`; null: the type's requests are not closed, or not reopened, by them. */
    closeTransition: text("close_transition"),
    reopenTransition: text("reopen_transition"),
    fields: jsonb("fields").notNull().$type<string[]>(),
    /** The routing rules that choose who gets a request when it is submitted; null: nobody is chosen. */
    route: text("route"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** A request's own facts; its state and fields live in its instance. */
export const requests = requestsSchema.table(
  "requests",
  {
    tenantId: tenantId(),
    id: id(),
    number: text("number").notNull(),
    typeId: uuid("type_id").notNull(),
    instanceId: uuid("instance_id").notNull(),
    buildingId: uuid("building_id"),
    assetId: uuid("asset_id"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const buildings = requestsSchema.table(
  "buildings",
  {
    tenantId: tenantId(),
    id: id(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    address: text("address").notNull().default(""),
    /** ACTIVE | INACTIVE */
    status: text("status").notNull().default("ACTIVE"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const assets = requestsSchema.table(
  "assets",
  {
    tenantId: tenantId(),
    id: id(),
    buildingId: uuid("building_id").notNull(),
    tag: text("tag").notNull(),
    name: text("name").notNull(),
    /** Free text of the tenant: elevator, boiler, … */
    type: text("type").notNull(),
    /** OPERATIONAL | MAINTENANCE | OUT_OF_SERVICE | DECOMMISSIONED */
    status: text("status").notNull().default("OPERATIONAL"),
    installedOn: date("installed_on", { mode: "string" }),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
