import { date, integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const requestsSchema = pgSchema("requests");

/** Specifies a definition (by key: the newest published version at the start), and the data properties that a form shows, in order. */
export const requestTypes = requestsSchema.table(
  "request_types",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    definitionKey: text("definition_key").notNull(),
    /** Prefix of request numbers: `<prefix>-<n>`. */
    numberPrefix: text("number_prefix").notNull(),
    /** Transitions that `submitRequest` and `cancelRequest` fire. */
    submitTransition: text("submit_transition").notNull(),
    cancelTransition: text("cancel_transition").notNull(),
    /** Transitions that `closeRequest` and `reopenRequest` fire. Null if these mutations cannot be used for requests of the type. */
    closeTransition: text("close_transition"),
    reopenTransition: text("reopen_transition"),
    fields: jsonb("fields").notNull().$type<string[]>(),
    /** Routing rules that choose the assignee when a request is submitted. Null if no assignee is chosen. */
    route: text("route"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** A request's own columns. Its state and fields are stored in its instance. */
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

/** Buildings that requests can refer to. */
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

/** Equipment in a building that requests can refer to. */
export const assets = requestsSchema.table(
  "assets",
  {
    tenantId: tenantId(),
    id: id(),
    buildingId: uuid("building_id").notNull(),
    tag: text("tag").notNull(),
    name: text("name").notNull(),
    /** Free text chosen by the tenant: elevator, boiler, … */
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
