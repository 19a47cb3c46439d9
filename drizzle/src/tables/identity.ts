import { bigint, boolean, integer, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { at, id, tenantId } from "./columns.js";

export const identitySchema = pgSchema("identity");

/** Tenants. Their own id is the tenant column, so row-level security needs no exception. */
export const tenants = identitySchema.table("tenants", {
  tenantId: uuid("tenant_id").primaryKey(),
  slug: text("slug").notNull(),
  name: text("name").notNull(),
  /** ACTIVE | SUSPENDED | ARCHIVED */
  status: text("status").notNull().default("ACTIVE"),
  /** FREE | PRO | ENTERPRISE */
  plan: text("plan").notNull().default("FREE"),
  /** False after a registration, until somebody of it has answered a mail. Until then it sends none to others. */
  isVerified: boolean("is_verified").notNull().default(true),
  /** Nobody vouches for the emails of its people, so they name the tenant at each login. */
  isSelfRegistered: boolean("is_self_registered").notNull().default(false),
  isSandbox: boolean("is_sandbox").notNull().default(false),
  /** Added to the transaction time by `app.weft_now()`; zero unless sandbox. */
  clockOffsetMs: bigint("clock_offset_ms", { mode: "number" }).notNull().default(0),
  version: integer("version").notNull().default(1),
  createdAt: at("created_at").notNull().defaultNow(),
  updatedAt: at("updated_at").notNull().defaultNow(),
  /** CUSTOMER | PLATFORM: one tenant of an installation is that of its operators. */
  kind: text("kind").notNull().default("CUSTOMER"),
  archivedAt: at("archived_at"),
  /** From when on an archived tenant may be deleted; stays as it was promised. */
  purgeAt: at("purge_at"),
  purgeStartedAt: at("purge_started_at"),
});

/** Global: finds the tenants of a login name before a tenant is known. SHA-256 of the normalised name; weft_auth alone reads it. */
export const loginNames = identitySchema.table(
  "login_names",
  { nameHash: text("name_hash").notNull(), tenantId: tenantId(), userId: uuid("user_id").notNull() },
  (t) => [primaryKey({ columns: [t.nameHash, t.tenantId] })],
);

export const users = identitySchema.table(
  "users",
  {
    tenantId: tenantId(),
    id: id(),
    email: text("email").notNull(),
    username: text("username").notNull(),
    name: text("name").notNull(),
    /** EMPLOYEE | VENDOR | SERVICE | OPERATOR (stands for a platform operator; nobody logs in as one) */
    type: text("type").notNull().default("EMPLOYEE"),
    vendorId: uuid("vendor_id"),
    /** ACTIVE | DISABLED | INVITED */
    status: text("status").notNull().default("ACTIVE"),
    passwordHash: text("password_hash"),
    /** When the user last answered a mail to the present email; null when that has another one. */
    emailVerifiedAt: at("email_verified_at"),
    title: text("title"),
    phone: text("phone"),
    /** BCP 47 */
    locale: text("locale"),
    /** Of the IANA database */
    timeZone: text("time_zone"),
    /** https alone */
    avatarUrl: text("avatar_url"),
    /** Grows with every change of the user's roles, teams or status. */
    rightsVersion: integer("rights_version").notNull().default(1),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Every end of every word of a user's name, email and user name; `app.index_user` writes it. */
export const userSearchTerms = identitySchema.table(
  "user_search_terms",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    term: text("term").notNull(),
    name: text("name").notNull(),
    vendorId: uuid("vendor_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.term] })],
);

export const roles = identitySchema.table(
  "roles",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** Shipped by Weft: its key cannot be changed. */
    isShipped: boolean("is_shipped").notNull().default(false),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** What a role may do: `resource.action` with a scope (OWN, ASSIGNED, TEAM, TENANT). */
export const rolePermissions = identitySchema.table(
  "role_permissions",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), permission: text("permission").notNull(), scope: text("scope").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.permission, t.scope] })],
);

export const userRoles = identitySchema.table(
  "user_roles",
  { tenantId: tenantId(), userId: uuid("user_id").notNull(), roleId: uuid("role_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.roleId] })],
);

/** Permissions of a tenant's own, named `custom.…`. */
export const customPermissions = identitySchema.table(
  "custom_permissions",
  {
    tenantId: tenantId(),
    name: text("name").notNull(),
    description: text("description").notNull(),
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.name] })],
);

/** Which roles a role inherits from, as somebody said. */
export const roleParents = identitySchema.table(
  "role_parents",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), parentId: uuid("parent_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.parentId] })],
);

/** What follows from the parents: each role with itself and all that it inherits from. Who writes a role writes its own row here too, or it gives nothing. */
export const roleAncestors = identitySchema.table(
  "role_ancestors",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), ancestorId: uuid("ancestor_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.ancestorId] })],
);

/** What a user holds beside his roles, and what is denied him whatever they grant. */
export const userPermissions = identitySchema.table(
  "user_permissions",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    permission: text("permission").notNull(),
    scope: text("scope").notNull(),
    /** GRANT | DENY */
    effect: text("effect").notNull(),
    reason: text("reason").notNull().default(""),
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.permission, t.scope] })],
);

export const teams = identitySchema.table(
  "teams",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Finished workflows and their history still refer to a deleted team; nothing else finds it. */
    deletedAt: at("deleted_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const teamMembers = identitySchema.table(
  "team_members",
  {
    tenantId: tenantId(),
    teamId: uuid("team_id").notNull(),
    userId: uuid("user_id").notNull(),
    isLead: boolean("is_lead").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.teamId, t.userId] })],
);

/** A login on a device. Revoking the row ends every token of it within half a second. */
export const sessions = identitySchema.table(
  "sessions",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    lastUsedAt: at("last_used_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    revokedAt: at("revoked_at"),
    /** LOGOUT | REFRESH_REUSED | USER_DISABLED | … */
    revokedReason: text("revoked_reason"),
    userAgent: text("user_agent"),
    address: text("address"),
    /** Of a platform operator who acts here: his user and session in the platform tenant, and why. All four or none. */
    operatorTenantId: uuid("operator_tenant_id"),
    operatorId: uuid("operator_id"),
    operatorSessionId: uuid("operator_session_id"),
    operatorReason: text("operator_reason"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Rotating refresh tokens; a family is a session. The token's secret is derived from the row's id, so nothing usable is stored. */
export const refreshTokens = identitySchema.table(
  "refresh_tokens",
  {
    tenantId: tenantId(),
    id: id(),
    sessionId: uuid("session_id").notNull(),
    predecessorId: uuid("predecessor_id"),
    issuedAt: at("issued_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** A single use, sent by mail. The token's text is derived from the row, so nothing usable is stored. One per user and purpose is live. */
export const oneTimeTokens = identitySchema.table(
  "one_time_tokens",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    /** INVITATION | EMAIL_VERIFICATION */
    purpose: text("purpose").notNull(),
    /** Of the email that it was sent to: void when the user has another one. */
    emailHash: text("email_hash").notNull(),
    /** Who invited; null where nobody did. */
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
