import { boolean, integer, numeric, text, uuid, primaryKey } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { requestsSchema } from "./requests.js";

const quantity = (name: string) => numeric(name, { precision: 20, scale: 6 });

/** Meters of assets. */
export const meters = requestsSchema.table(
  "meters",
  {
    tenantId: tenantId(),
    id: id(),
    assetId: uuid("asset_id").notNull(),
    name: text("name").notNull(),
    unit: text("unit").notNull(),
    /** CUMULATIVE | GAUGE */
    kind: text("kind").notNull(),
    /** ACTIVE | INACTIVE */
    status: text("status").notNull().default("ACTIVE"),
    above: quantity("above"),
    below: quantity("below"),
    every: quantity("every"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const metersFacts = facts(meters, { public: "name unit kind status above below every", app: "write" });

/** Readings of meters. Corrected ones stay, with `replacedById`. */
export const meterReadings = requestsSchema.table(
  "meter_readings",
  {
    tenantId: tenantId(),
    id: id(),
    meterId: uuid("meter_id").notNull(),
    readAt: at("read_at").notNull(),
    value: quantity("value").notNull(),
    /** Value plus shift is the total over all devices. */
    shift: quantity("shift").notNull().default("0"),
    isReset: boolean("is_reset").notNull().default(false),
    note: text("note"),
    recordedBy: uuid("recorded_by").notNull(),
    recordedAt: at("recorded_at").notNull(),
    replacesId: uuid("replaces_id"),
    reason: text("reason"),
    replacedById: uuid("replaced_by_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const meterReadingsFacts = facts(meterReadings, {
  public: "read_at value shift is_reset recorded_at",
  personal: { recorded_by: "note reason" },
  // A reading is never changed: a correction replaces it.
  app: ["select", "insert", "update(shift,replaced_by_id)"],
});
