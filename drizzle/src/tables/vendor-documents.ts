import { date, integer, jsonb, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";
import { vendorsSchema } from "./vendors.js";

/** Documents of vendors, such as proofs of insurance. A required kind counts as present while an accepted document of it is valid. */
export const documents = vendorsSchema.table(
  "documents",
  {
    tenantId: tenantId(),
    id: id(),
    vendorId: uuid("vendor_id").notNull(),
    /** Name that the tenant chose: INSURANCE. */
    kind: text("kind").notNull(),
    title: text("title").notNull(),
    number: text("number"),
    issuedOn: date("issued_on", { mode: "string" }),
    /** Last day, in the tenant's time zone. Null: no end. */
    validUntil: date("valid_until", { mode: "string" }),
    /** SUBMITTED | ACCEPTED | REJECTED */
    status: text("status").notNull().default("SUBMITTED"),
    /** Why it was rejected. Users of the vendor see it. */
    reason: text("reason"),
    /** Never shown to users of the vendor. */
    reviewNote: text("review_note"),
    reviewedBy: uuid("reviewed_by"),
    reviewedAt: at("reviewed_at"),
    /** The last reminder: the last day that it was about, and its days. */
    remindedFor: date("reminded_for", { mode: "string" }),
    remindedDays: integer("reminded_days"),
    /** The last day whose end was announced. */
    expiredFor: date("expired_for", { mode: "string" }),
    /** When a worker looks at the document again. */
    dueAt: at("due_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull(),
    updatedAt: at("updated_at").notNull(),
    deletedAt: at("deleted_at"),
    deletedBy: uuid("deleted_by"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** The documents that vendors must have. A tenant without a row requires none. */
export const documentRequirements = vendorsSchema.table(
  "document_requirements",
  {
    tenantId: tenantId(),
    version: integer("version").notNull().default(1),
    requirements: jsonb("requirements").notNull().$type<readonly DocumentRequirementContent[]>(),
    updatedBy: uuid("updated_by").notNull(),
    updatedAt: at("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId] })],
);

export interface DocumentRequirementContent {
  readonly kind: string;
  /** Categories of the vendors that must have it. Empty: all vendors. */
  readonly categories: readonly string[];
  /** Days before the last day at which users are reminded. */
  readonly reminderDays: readonly number[];
}
