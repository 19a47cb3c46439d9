import { boolean, integer, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, id, tenantId } from "./columns.js";
import { workflowsSchema } from "./workflows.js";

/** Definitions that are shared with another tenant. Each of the two tenants has a row with the same ID. */
export const definitionShares = workflowsSchema.table(
  "definition_shares",
  {
    tenantId: tenantId(),
    id: id(),
    /** OWNER | RECIPIENT: which of the two tenants the row belongs to. */
    side: text("side").notNull(),
    /** The tenant on the other side. Null: the offer was made to a slug that no tenant has. Never shown. */
    partnerId: uuid("partner_id"),
    partnerSlug: text("partner_slug").notNull(),
    /** Null: the recipient has not accepted yet. */
    partnerName: text("partner_name"),
    definitionKey: text("definition_key").notNull(),
    definitionName: text("definition_name").notNull(),
    /** COPY | START */
    mode: text("mode").notNull(),
    /** OFFERED | ACCEPTED | DECLINED | REVOKED | EXPIRED. What has expired is recorded only when the definition is offered again. */
    status: text("status").notNull().default("OFFERED"),
    message: text("message").notNull().default(""),
    maxStartsPerHour: integer("max_starts_per_hour"),
    expiresAt: at("expires_at").notNull(),
    /** The user of the owner with whose rights the definition is started. Never shown to the recipient. */
    sponsorId: uuid("sponsor_id").notNull(),
    /** Of the row's tenant. Null: a user of the other one did it. */
    answeredBy: uuid("answered_by"),
    answeredAt: at("answered_at"),
    revokedBy: uuid("revoked_by"),
    revokedAt: at("revoked_at"),
    /** When a refused start was last recorded, in the owner's row only. */
    refusedAt: at("refused_at"),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** How many of the runs that the recipient has started can be open at the same time. Null: there is no such limit. */
    maxOpenRuns: integer("max_open_runs"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const definitionSharesFacts = facts(definitionShares, {
  public: `
    side partner_slug partner_name definition_key definition_name mode status message max_starts_per_hour expires_at answered_at revoked_at
    refused_at max_open_runs`,
  app: [
    "select",
    "insert",
    "update(partner_name,status,max_starts_per_hour,answered_by,answered_at,revoked_by,revoked_at,refused_at,version,updated_at,max_open_runs)",
  ],
  // Readable: the tenants that share definitions with a tenant, and what. Deleted when that tenant is, with their uses.
  worker: ["select(tenant_id,id,partner_id,partner_slug,definition_key,mode)", "delete"],
  acrossTenants: "select",
});

/** Uses of shares. Each of the two tenants has a row with the same ID. */
export const definitionShareUses = workflowsSchema.table(
  "definition_share_uses",
  {
    tenantId: tenantId(),
    id: id(),
    shareId: uuid("share_id").notNull(),
    /** OWNER | RECIPIENT */
    side: text("side").notNull(),
    /** COPY | START */
    mode: text("mode").notNull(),
    partnerName: text("partner_name").notNull(),
    /** The recipient's user, in the recipient's row only. */
    usedBy: uuid("used_by"),
    /** What was started, in the owner's row only. */
    instanceId: uuid("instance_id"),
    /** The draft, in the recipient's row only. */
    definitionId: uuid("definition_id"),
    /** Number of the owner's version. */
    definitionNumber: integer("definition_number").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    /** Whether what was started may still be open, in the owner's row only. */
    isOpen: boolean("is_open").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const definitionShareUsesFacts = facts(definitionShareUses, {
  public: "side mode partner_name definition_number is_open",
  app: ["select", "insert", "update(is_open)"],
  worker: ["select(tenant_id,id,share_id,side,mode,instance_id,created_at)", "delete"],
});
