import { bigint, boolean, jsonb, primaryKey, smallint, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { appSchema } from "./app.js";
import { at, id, tenantId } from "./columns.js";

/** A preview of an image that is in the file storage. */
export interface StoredPreview {
  readonly size: "SMALL" | "MEDIUM" | "LARGE";
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Number of bytes. */
  readonly bytes: number;
}

/** Files: what is known about them. Their bytes are in the file storage. All times are true times, not those of a sandbox's clock. */
export const files = appSchema.table(
  "files",
  {
    tenantId: tenantId(),
    id: id(),
    name: text("name").notNull(),
    /** Announced before the bytes, and counted against the plan's storage from then on. */
    size: bigint("size", { mode: "number" }).notNull(),
    /** Null: by content alone. */
    declaredType: text("declared_type"),
    declaredSha256: text("declared_sha256"),
    /** By content. Null until the bytes are stored. */
    type: text("type"),
    sha256: text("sha256"),
    /** PENDING | SCANNING | STORED | REJECTED | DELETED */
    status: text("status").notNull().default("PENDING"),
    /** Why it was rejected. */
    reason: text("reason"),
    /** Number of the latest attempt to receive the bytes. Each attempt writes to a key of its own, and only the latest can succeed. */
    attempt: smallint("attempt").notNull().default(0),
    isAttached: boolean("is_attached").notNull().default(false),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    storedAt: at("stored_at"),
    /** When a worker has to do something: scan it, delete it, or, if it is not attached by then, let it expire. */
    dueAt: at("due_at"),
    /** When a worker has to make the previews of an image. Null: nothing to do. */
    previewsDueAt: at("previews_due_at"),
    /** Smallest first. Null until the image has been processed; empty if no previews could be made. */
    previews: jsonb("previews").$type<readonly StoredPreview[]>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/**
 * Condition, as SQL, of files that belong to the organization, whoever has uploaded them: those of compliance reports, those of documents, and exports of lists
 * that are attached to an object. An erasure keeps them with their names.
 */
export const isOfOrganization = `exists (select from audit.compliance_report_files r where r.tenant_id = files.tenant_id and r.file_id = files.id)
  or exists (select from app.attachments a where a.tenant_id = files.tenant_id and a.file_id = files.id
    and a.object_type in ('contract', 'vendorDocument', 'building', 'asset', 'maintenancePlan'))
  or files.is_attached and exists (select from app.exports e where e.tenant_id = files.tenant_id and e.file_id = files.id)`;

export const filesFacts = facts(files, {
  public: "size declared_type declared_sha256 type sha256 status reason attempt is_attached stored_at due_at previews_due_at previews",
  personal: { created_by: "name" },
  erasure: { keeps: isOfOrganization },
  app: "own",
  // Readable: the tenants with files to scan or to delete or images to process, and which exist. The files themselves are read as weft_app, in the tenant.
  worker: ["select(tenant_id,id,due_at,previews_due_at)"],
  acrossTenants: "select",
});

/** Files of objects. A file can be attached to several objects; its bytes are deleted with the last attachment. */
export const attachments = appSchema.table(
  "attachments",
  {
    tenantId: tenantId(),
    id: id(),
    fileId: uuid("file_id").notNull(),
    /** request | building | asset | maintenancePlan | instance | task | contract */
    objectType: text("object_type").notNull(),
    objectId: uuid("object_id").notNull(),
    /** INTERNAL | SHARED */
    visibility: text("visibility").notNull(),
    /** Comment on the request that it was added with. */
    commentId: uuid("comment_id"),
    /** The only vendor that sees the attachment. Null: every vendor that was given the object. */
    vendorId: uuid("vendor_id"),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const attachmentsFacts = facts(attachments, {
  public: "object_type visibility",
  app: ["select", "insert", "update(visibility)", "delete"],
});
