import { bigint, date, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { vendorsSchema } from "./vendors.js";

/** Dated duties of contracts, whose completion is tracked. Only for users of the organization. */
export const obligations = vendorsSchema.table(
  "contract_obligations",
  {
    tenantId: tenantId(),
    id: id(),
    contractId: uuid("contract_id").notNull(),
    title: text("title").notNull(),
    /** US | VENDOR */
    party: text("party").notNull(),
    /** The next day. Of a completed one: the last. */
    dueOn: date("due_on", { mode: "string" }).notNull(),
    /** NONE | MONTHLY | QUARTERLY | YEARLY */
    recurrence: text("recurrence").notNull().default("NONE"),
    /** The day from which recurring days count: a month without it ends earlier, the next one does not. */
    anchorOn: date("anchor_on", { mode: "string" }).notNull(),
    /** How often it was completed since `anchorOn`. */
    completedCount: integer("completed_count").notNull().default(0),
    /** In minor units of `currency` (ISO 4217). */
    amount: bigint("amount", { mode: "number" }),
    currency: text("currency"),
    /** Days before the day at which the contract's owner is reminded. */
    reminderDays: integer("reminder_days").array().notNull().default([30, 7, 1]),
    /** The last reminder: the day that it was about, and its days. */
    remindedFor: date("reminded_for", { mode: "string" }),
    remindedDays: integer("reminded_days"),
    /** When a worker looks at the obligation again. */
    dueAt: at("due_at"),
    /** The last completion: the day that it was for, and the note. */
    completedFor: date("completed_for", { mode: "string" }),
    completedAt: at("completed_at"),
    completedBy: uuid("completed_by"),
    completionNote: text("completion_note"),
    /** Completion time. Null for those that recur. */
    doneAt: at("done_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    deletedAt: at("deleted_at"),
    deletedBy: uuid("deleted_by"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const obligationsFacts = facts(obligations, {
  public: `
    title party due_on recurrence anchor_on completed_count amount currency reminder_days reminded_for reminded_days due_at completed_for
    completed_at done_at deleted_at`,
  personal: { completed_by: "completion_note" },
  app: "write",
  // Readable: the tenants with due obligations.
  worker: ["select(tenant_id,due_at)"],
  acrossTenants: "select",
});
