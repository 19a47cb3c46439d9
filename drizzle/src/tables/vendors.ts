import { integer, numeric, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const vendorsSchema = pgSchema("vendors");

/** Companies that work for a tenant. */
export const vendors = vendorsSchema.table(
  "vendors",
  {
    tenantId: tenantId(),
    id: id(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    phone: text("phone"),
    categories: text("categories").array().notNull().default([]),
    /** ACTIVE | INACTIVE */
    status: text("status").notNull().default("ACTIVE"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Projects that a vendor is assigned. A project's state is stored in its instance. */
export const projects = vendorsSchema.table(
  "projects",
  {
    tenantId: tenantId(),
    id: id(),
    code: text("code").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    instanceId: uuid("instance_id").notNull(),
    /** Decimal text, in `currency` (ISO 4217). */
    budget: numeric("budget", { precision: 18, scale: 2 }),
    currency: text("currency"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
