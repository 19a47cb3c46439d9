import { integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { appSchema } from "./app.js";
import { at, id, tenantId } from "./columns.js";

/** An order of a list, as clients write it. */
export interface StoredOrder {
  readonly field: string;
  readonly direction?: string;
  readonly name?: string | null;
}

/** Named filters, orders and columns of lists. */
export const savedViews = appSchema.table(
  "saved_views",
  {
    tenantId: tenantId(),
    id: id(),
    /** REQUESTS | BUILDINGS | ASSETS. Never changes. */
    list: text("list").notNull(),
    name: text("name").notNull(),
    /** PRIVATE | TEAM | TENANT */
    visibility: text("visibility").notNull(),
    /** Set if, and only if, the visibility is TEAM. */
    teamId: uuid("team_id"),
    ownerId: uuid("owner_id").notNull(),
    /** As the client wrote it. Checked against the list's filter input whenever it is used. */
    filter: jsonb("filter").$type<Record<string, unknown>>().notNull(),
    /** Null: the list's own order. */
    orderBy: jsonb("order_by").$type<StoredOrder>(),
    columns: text("columns").array().notNull().default([]),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const savedViewsFacts = facts(savedViews, {
  public: "list visibility order_by columns",
  // A filter can contain a name that the owner searched for.
  personal: { owner_id: "name filter" },
  // Without its filter, a view would show everything. Others use the shared ones, which belong to the organization, like titles.
  erasure: { keeps: "visibility <> 'PRIVATE'", deletes: true },
  app: ["select", "insert", "update(name,visibility,team_id,filter,order_by,columns,version,updated_at)", "delete"],
});
