import { date, integer, jsonb, numeric, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { requestsSchema } from "./requests.js";

const quantity = (name: string) => numeric(name, { precision: 20, scale: 6 });

/** Maintenance plans, which generate requests by the calendar, by a meter, or by whichever comes first. */
export const maintenancePlans = requestsSchema.table(
  "maintenance_plans",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    typeId: uuid("type_id").notNull(),
    data: jsonb("data").notNull().$type<Record<string, unknown>>(),
    buildingId: uuid("building_id"),
    assetId: uuid("asset_id"),
    /** In the building. Null: that of the asset when the request is created. */
    spaceId: uuid("space_id"),
    /** 0 to 3: LOW, NORMAL, HIGH, URGENT. Null: the default of the type. */
    priority: smallint("priority"),
    dueInSeconds: integer("due_in_seconds"),
    tags: text("tags").array().notNull().default([]),
    /** Cron expression. At most one of `cron` and `everySeconds` is set. */
    cron: text("cron"),
    everySeconds: integer("every_seconds"),
    timeZone: text("time_zone").notNull(),
    startsAt: at("starts_at"),
    endsAt: at("ends_at"),
    plannedSince: at("planned_since").notNull(),
    nextPlannedAt: at("next_planned_at"),
    /** The next planned time, or the time to which it was shifted. */
    nextRunAt: at("next_run_at"),
    meterId: uuid("meter_id"),
    meterEvery: quantity("meter_every"),
    meterLead: quantity("meter_lead").notNull().default("0"),
    nextTotal: quantity("next_total"),
    /** SKIP | RUN_ONCE | RUN_ALL */
    missedRuns: text("missed_runs").notNull(),
    catchUpSeconds: integer("catch_up_seconds").notNull(),
    /** User on whose behalf requests are created. */
    ownerId: uuid("owner_id").notNull(),
    /** ACTIVE | PAUSED | ENDED */
    status: text("status").notNull().default("ACTIVE"),
    pauseReason: text("pause_reason"),
    /** Null if the plan paused itself. */
    pausedBy: uuid("paused_by"),
    pausedAt: at("paused_at"),
    failuresInRow: integer("failures_in_row").notNull().default(0),
    /** When a worker must look at the plan. */
    dueAt: at("due_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const maintenancePlansFacts = facts(maintenancePlans, {
  public: `
    name data priority due_in_seconds tags cron every_seconds time_zone starts_at ends_at planned_since next_planned_at next_run_at
    meter_every meter_lead next_total missed_runs catch_up_seconds status paused_at failures_in_row due_at`,
  personal: { paused_by: "pause_reason" },
  app: "write",
  // Readable: the tenants with due maintenance plans.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});

/** Occurrences of maintenance plans. A planned time, or a planned total of a meter, has at most one. */
export const maintenanceOccurrences = requestsSchema.table(
  "maintenance_occurrences",
  {
    tenantId: tenantId(),
    id: id(),
    planId: uuid("plan_id").notNull(),
    /** CALENDAR | METER */
    cause: text("cause").notNull(),
    plannedAt: at("planned_at").notNull(),
    /** By the meter, the total in the series. */
    total: quantity("total"),
    /** GENERATED | SHIFTED | SKIPPED | MISSED | FAILED */
    status: text("status").notNull(),
    startsAt: at("starts_at"),
    requestId: uuid("request_id"),
    reason: text("reason"),
    decidedBy: uuid("decided_by"),
    code: text("code"),
    message: text("message"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const maintenanceOccurrencesFacts = facts(maintenanceOccurrences, {
  public: "cause planned_at total status starts_at code message",
  personal: { decided_by: "reason" },
  app: "write",
});

/** Dates of assets that are announced by events. Kept by triggers of assets and asset types. */
export const assetDates = requestsSchema.table(
  "asset_dates",
  {
    tenantId: tenantId(),
    assetId: uuid("asset_id").notNull(),
    /** WARRANTY | INSPECTION */
    kind: text("kind").notNull(),
    /** Null: the asset has no such date. */
    onDate: date("on_date", { mode: "string" }),
    /** When a worker must look at it. Null: there is nothing to announce, or it is announced. */
    dueAt: at("due_at"),
    /** The date that was announced last. */
    announcedDate: date("announced_date", { mode: "string" }),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.assetId, t.kind] })],
);

export const assetDatesFacts = facts(assetDates, {
  public: "kind on_date due_at announced_date",
  // Written by triggers of assets; the worker notes what it has announced.
  app: ["select", "insert", "update(on_date,due_at,announced_date)"],
  // Readable: the tenants with dates of assets to announce.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});
