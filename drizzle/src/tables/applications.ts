import { bigint, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { identitySchema } from "./identity.js";

/** Applications that use the API. */
export const applications = identitySchema.table(
  "applications",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const applicationsFacts = facts(applications, {
  public: "key name",
  app: ["select", "insert", "update(name,version,updated_at)", "delete"],
  // Finds the application that a request names, before its tenant is known.
  auth: ["select(tenant_id,id)"],
});

/** Versions of the operations of an application in an environment. */
export const operationManifests = identitySchema.table(
  "operation_manifests",
  {
    tenantId: tenantId(),
    id: id(),
    applicationId: uuid("application_id").notNull(),
    /** DEV | STAGING | PROD */
    environment: text("environment").notNull(),
    /** Consecutive in the environment of the application. */
    number: integer("number").notNull(),
    /** What the application calls this version of itself. */
    label: text("label"),
    /** SHA-256 hash of the IDs and texts. */
    digest: text("digest").notNull(),
    documentCount: integer("document_count").notNull(),
    retiredAt: at("retired_at"),
    retiredBy: uuid("retired_by"),
    createdBy: uuid("created_by").notNull(),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const operationManifestsFacts = facts(operationManifests, {
  public: "environment number label digest document_count retired_at",
  app: ["select", "insert", "update(retired_at,retired_by,version,updated_at)", "delete"],
  auth: ["select(tenant_id,id,application_id,environment,retired_at)"],
});

/** Documents of manifests. Those of a retired manifest are deleted. */
export const storedDocuments = identitySchema.table(
  "stored_documents",
  {
    tenantId: tenantId(),
    id: id(),
    manifestId: uuid("manifest_id").notNull(),
    /** The ID that requests send. While it is in an active manifest of the environment, it means the same text. */
    documentId: text("document_id").notNull(),
    /** Name of the operation. */
    name: text("name"),
    /** QUERY | MUTATION | SUBSCRIPTION */
    kind: text("kind").notNull(),
    body: text("body").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const storedDocumentsFacts = facts(storedDocuments, {
  public: "document_id name kind body",
  app: ["select", "insert", "delete"],
  auth: ["select(tenant_id,manifest_id,document_id,body)"],
});

/** Operations that clients sent although they are not stored, counted while the organization reports or refuses them. */
export const unlistedOperations = identitySchema.table(
  "unlisted_operations",
  {
    tenantId: tenantId(),
    id: id(),
    /** What the client calls itself. Empty: nothing. */
    client: text("client").notNull(),
    /** Name of the operation. Empty: none. */
    name: text("name").notNull(),
    /** QUERY | MUTATION | SUBSCRIPTION */
    kind: text("kind").notNull(),
    runCount: bigint("run_count", { mode: "number" }).notNull().default(0),
    refusedCount: bigint("refused_count", { mode: "number" }).notNull().default(0),
    firstAt: at("first_at").notNull(),
    lastAt: at("last_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const unlistedOperationsFacts = facts(unlistedOperations, {
  public: "client name kind run_count refused_count first_at last_at",
  app: ["select", "insert", "update(run_count,refused_count,last_at)", "delete"],
});
