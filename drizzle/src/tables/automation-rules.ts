import { integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Secrets that steps read by name. */
export const secrets = workflowsSchema.table(
  "secrets",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    description: text("description").notNull(),
    /** Encrypted with the tenant's key. */
    value: text("value").notNull(),
    /** Hosts that steps can send it to. Null: all that the security profile allows. */
    domains: text("domains").array().$type<readonly string[]>(),
    valueChangedAt: at("value_changed_at").notNull().defaultNow(),
    lastUsedAt: at("last_used_at"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const secretsFacts = facts(secrets, {
  public: "name description domains value_changed_at last_used_at",
  secret: "value",
  // Excludes the name, which steps refer to.
  app: ["select", "insert", "update(description,value,domains,value_changed_at,last_used_at,version,updated_at)", "delete"],
});

/** Security profiles of tenants. */
export const securityProfiles = workflowsSchema.table(
  "security_profiles",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull(),
    /** What it narrows. Omitted members narrow nothing. */
    rules: jsonb("rules").notNull().$type<Record<string, unknown>>(),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const securityProfilesFacts = facts(securityProfiles, {
  public: "key name description rules",
  app: ["select", "insert", "update(name,description,rules,version,updated_at)", "delete"],
});
