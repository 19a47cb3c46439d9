import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { facts } from "../facts.js";
import { at, bytea, id, tenantId } from "./columns.js";

export const identitySchema = pgSchema("identity");

/** Tenants. Their ID is in the tenant column, so row-level security needs no exception. */
export const tenants = identitySchema.table("tenants", {
  tenantId: uuid("tenant_id").primaryKey(),
  slug: text("slug").notNull(),
  name: text("name").notNull(),
  /** ACTIVE | SUSPENDED | ARCHIVED */
  status: text("status").notNull().default("ACTIVE"),
  /** FREE | PRO | ENTERPRISE */
  plan: text("plan").notNull().default("FREE"),
  /** False after a registration, until one of the tenant's users has confirmed their email address. Until then, it cannot send email to others. */
  isVerified: boolean("is_verified").notNull().default(true),
  /** The email addresses of its users are not trusted, so they must specify the tenant at every login. */
  isSelfRegistered: boolean("is_self_registered").notNull().default(false),
  isSandbox: boolean("is_sandbox").notNull().default(false),
  /** Added to the transaction time by `app.weft_now()`. Zero unless the tenant is a sandbox. */
  clockOffsetMs: bigint("clock_offset_ms", { mode: "number" }).notNull().default(0),
  /** The tenant's time while its clock is being advanced, whatever the offset. */
  clockStandsAt: at("clock_stands_at"),
  version: integer("version").notNull().default(1),
  createdAt: at("created_at").notNull().defaultNow(),
  updatedAt: at("updated_at").notNull().defaultNow(),
  /** CUSTOMER | PLATFORM: an installation has one tenant for its operators. */
  kind: text("kind").notNull().default("CUSTOMER"),
  archivedAt: at("archived_at"),
  /** Time from which an archived tenant can be deleted. It is fixed when the tenant is archived. */
  purgeAt: at("purge_at"),
  purgeStartedAt: at("purge_started_at"),
});

export const tenantsFacts = facts(tenants, {
  public: `
    slug name status plan is_verified is_self_registered is_sandbox clock_offset_ms clock_stands_at kind archived_at purge_at
    purge_started_at`,
  // Excludes the tenant's kind, which could make it the platform tenant, and the start of its purge.
  app: ["select", "insert", "update(name,status,plan,is_verified,version,updated_at,archived_at,purge_at)"],
  // Changeable: the clock of a sandbox, which weft_app cannot move. A trigger prevents that it goes back.
  worker: [
    "select(tenant_id,status,plan,is_sandbox,clock_offset_ms,kind,purge_at,clock_stands_at)",
    "update(clock_offset_ms,clock_stands_at)",
  ],
  auth: "read",
  acrossTenants: "select",
});

/** Advances of the clocks of sandboxes. At most one per tenant is running. */
export const clockAdvances = identitySchema.table(
  "clock_advances",
  {
    tenantId: tenantId(),
    id: id(),
    /** RUNNING | COMPLETED | FAILED */
    status: text("status").notNull().default("RUNNING"),
    /** In the tenant's time, like the target and the time reached. */
    fromAt: at("from_at").notNull(),
    targetAt: at("target_at").notNull(),
    reachedAt: at("reached_at").notNull(),
    /** Number of times at which the clock has stood. */
    steps: integer("steps").notNull().default(0),
    /** Number of events by type, up to the counted position. */
    effects: jsonb("effects").$type<Readonly<Record<string, number>>>().notNull().default({}),
    countedPosition: bigint("counted_position", { mode: "number" }).notNull(),
    message: text("message"),
    /** The process that is at work. Others take over when the lease has ended. */
    workerId: uuid("worker_id"),
    leasedUntil: at("leased_until"),
    progressAt: at("progress_at").notNull().defaultNow(),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    finishedAt: at("finished_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const clockAdvancesFacts = facts(clockAdvances, {
  public: "status from_at target_at reached_at steps effects counted_position message leased_until progress_at finished_at",
  // Requested by users. A worker carries them out.
  app: "append",
  worker: ["select", "update(status,reached_at,steps,effects,counted_position,message,worker_id,leased_until,progress_at,finished_at)"],
  acrossTenants: "select",
});

/** Global: finds the tenants of a login name before a tenant is known. SHA-256 of the normalized name. Only weft_auth can read it. */
export const loginNames = identitySchema.table(
  "login_names",
  { nameHash: text("name_hash").notNull(), tenantId: tenantId(), userId: uuid("user_id").notNull() },
  (t) => [primaryKey({ columns: [t.nameHash, t.tenantId] })],
);

export const loginNamesFacts = facts(loginNames, {
  secret: "name_hash",
  // weft_app never reads the hashes. It can read the columns by which it filters when deleting.
  app: ["select(tenant_id,user_id)", "insert", "delete"],
  auth: "read",
});

/** An email address or a phone number of a user as an identity provider sends it. The one without a value is that of the user's own column. */
export interface ProviderContact {
  readonly value?: string;
  readonly type?: string;
  readonly primary?: boolean;
}

/** Users of a tenant: employees, and users of its vendors. */
export const users = identitySchema.table(
  "users",
  {
    tenantId: tenantId(),
    id: id(),
    email: text("email").notNull(),
    username: text("username").notNull(),
    name: text("name").notNull(),
    /** EMPLOYEE | VENDOR | SERVICE | OPERATOR (represents a platform operator; nobody can log in as one) */
    type: text("type").notNull().default("EMPLOYEE"),
    vendorId: uuid("vendor_id"),
    /** ACTIVE | DISABLED | INVITED */
    status: text("status").notNull().default("ACTIVE"),
    passwordHash: text("password_hash"),
    /** Time when the user last confirmed the current email address. Null if the address has changed since. */
    emailVerifiedAt: at("email_verified_at"),
    title: text("title"),
    phone: text("phone"),
    /** BCP 47 */
    locale: text("locale"),
    /** Name in the IANA time zone database. */
    timeZone: text("time_zone"),
    /** Only https. */
    avatarUrl: text("avatar_url"),
    /** Whether the user can log in with a password although single sign-on is required. */
    isBreakGlass: boolean("is_break_glass").notNull().default(false),
    /** Increases with every change of the user's roles, teams or status. */
    rightsVersion: integer("rights_version").notNull().default(1),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** The identity provider's name of the user (SCIM). */
    externalId: text("external_id"),
    givenName: text("given_name"),
    familyName: text("family_name"),
    /** Time when the identity provider deleted the user. The user is disabled. */
    deprovisionedAt: at("deprovisioned_at"),
    /** Whether somebody else has chosen the password. It opens no session: the user chooses another one at the first login. */
    isPasswordTemporary: boolean("is_password_temporary").notNull().default(false),
    /** Email addresses as the identity provider sends them (SCIM). Null: only `email`. */
    providerEmails: jsonb("provider_emails").$type<readonly ProviderContact[]>(),
    /** The same for phone numbers and `phone`. */
    providerPhones: jsonb("provider_phones").$type<readonly ProviderContact[]>(),
    /** Whether the email address was confirmed without a session of the user. Then nobody has shown that the account is that of the mailbox's owner. */
    isVerifiedWithoutLogin: boolean("is_verified_without_login").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const usersFacts = facts(users, {
  public: "type status email_verified_at is_break_glass rights_version deprovisioned_at is_password_temporary is_verified_without_login",
  secret: "password_hash",
  personal: {
    id: "email username name title phone locale time_zone avatar_url external_id given_name family_name provider_emails provider_phones",
  },
  app: "write",
  auth: "read",
});

/** Suffixes of the words of a user's name, email and username. Written by `app.index_user`. */
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

export const userSearchTermsFacts = facts(userSearchTerms, { personal: { user_id: "term name" }, app: ["select", "insert", "delete"] });

/** Roles of a tenant. Every tenant starts with the built-in ones. */
export const roles = identitySchema.table(
  "roles",
  {
    tenantId: tenantId(),
    id: id(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** Whether Weft provides the role. Its key cannot be changed. */
    isBuiltIn: boolean("is_built_in").notNull().default(false),
    version: integer("version").notNull().default(1),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Whether users with the role, also by inheritance, must have a second factor. */
    requiresSecondFactor: boolean("requires_second_factor").notNull().default(false),
    /** Maximum number of open sessions of a user with the role, also by inheritance. Null: the role sets none. */
    maxSessions: integer("max_sessions"),
    /** END_OLDEST | REFUSE: what happens at the maximum. Null: as the tenant's setting says. */
    sessionLimitReached: text("session_limit_reached").$type<"END_OLDEST" | "REFUSE">(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const rolesFacts = facts(roles, {
  public: "key name description is_built_in requires_second_factor max_sessions session_limit_reached",
  app: "own",
  auth: "read",
});

/** Permissions of a role: `resource.action` with a scope (OWN, ASSIGNED, TEAM, TENANT). */
export const rolePermissions = identitySchema.table(
  "role_permissions",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), permission: text("permission").notNull(), scope: text("scope").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.permission, t.scope] })],
);

export const rolePermissionsFacts = facts(rolePermissions, { public: "permission scope", app: "own", auth: "read" });

/** Roles assigned to users. */
export const userRoles = identitySchema.table(
  "user_roles",
  { tenantId: tenantId(), userId: uuid("user_id").notNull(), roleId: uuid("role_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.roleId] })],
);

export const userRolesFacts = facts(userRoles, { app: "own", auth: "read" });

/** Custom permissions of a tenant, named `custom.…`. */
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

export const customPermissionsFacts = facts(customPermissions, { public: "name description", app: "append" });

/** Roles that a role directly inherits from, as configured. */
export const roleParents = identitySchema.table(
  "role_parents",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), parentId: uuid("parent_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.parentId] })],
);

export const roleParentsFacts = facts(roleParents, { app: "own" });

/**
 * Derived from the parents: for each role, the role itself and all roles that it inherits from. Code that creates a role must also insert the role's
 * own row here. Otherwise the role grants nothing.
 */
export const roleAncestors = identitySchema.table(
  "role_ancestors",
  { tenantId: tenantId(), roleId: uuid("role_id").notNull(), ancestorId: uuid("ancestor_id").notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.roleId, t.ancestorId] })],
);

export const roleAncestorsFacts = facts(roleAncestors, { app: "own", auth: "read" });

/** Permissions granted to a user in addition to their roles, and permissions denied regardless of the roles. */
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

export const userPermissionsFacts = facts(userPermissions, {
  public: "permission scope effect",
  // The reason for a grant or a denial is about the user.
  personal: { user_id: "reason" },
  app: "own",
  auth: "read",
});

/** Teams of a tenant. */
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
    /** Time of deletion. Finished workflows and their history still reference a deleted team; it is not found otherwise. */
    deletedAt: at("deleted_at"),
    /** The identity provider's name of the team (SCIM). */
    externalId: text("external_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const teamsFacts = facts(teams, { public: "key name description deleted_at external_id", app: "own", auth: "read" });

/** Members of teams, and which of them lead the team. */
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

export const teamMembersFacts = facts(teamMembers, { public: "is_lead", app: "own", auth: "read" });

/** A login on a device. Revoking the row invalidates all its tokens within half a second. */
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
    /** LOGOUT | REVOKED | REVOKED_BY_ADMINISTRATOR | SESSION_LIMIT | REFRESH_REUSED | USER_DISABLED | PASSWORD_CHANGED | PASSWORD_RESET | … */
    revokedReason: text("revoked_reason"),
    userAgent: text("user_agent"),
    address: text("address"),
    /** For a platform operator who acts here: their user and session in the platform tenant, and the reason. Either all four are set or none. */
    operatorTenantId: uuid("operator_tenant_id"),
    operatorId: uuid("operator_id"),
    operatorSessionId: uuid("operator_session_id"),
    operatorReason: text("operator_reason"),
    /** Time of the login, or of the last `reauthenticate`. */
    authenticatedAt: at("authenticated_at").notNull().defaultNow(),
    /** What the user proved at the login: PASSWORD | DIRECTORY | TOTP | RECOVERY_CODE | PASSKEY | SSO. */
    factors: text("factors").array().notNull().default([]),
    /** Whether the user must enrol a second factor first. Until then, the session can do nothing else. */
    isRestricted: boolean("is_restricted").notNull().default(false),
    /** The identity provider that has opened the session. */
    providerId: uuid("provider_id"),
    /** The provider's own session, which it names when it logs the user out. */
    providerSession: text("provider_session"),
    /** The provider of the passkey that has opened the session. */
    passkeyProviderId: uuid("passkey_provider_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const sessionsFacts = facts(sessions, {
  public: "last_used_at expires_at revoked_at revoked_reason operator_reason authenticated_at factors is_restricted",
  secret: "provider_session",
  personal: { user_id: "user_agent address" },
  app: "write",
  auth: "read",
});

/** API keys of service accounts and users. Their ID takes the place of a session's ID. */
export const apiKeys = identitySchema.table(
  "api_keys",
  {
    tenantId: tenantId(),
    id: id(),
    /** The owner, whose rights limit those of the key. */
    userId: uuid("user_id").notNull(),
    name: text("name").notNull(),
    /** SHA-256 of the secret, hexadecimal. */
    secretHash: text("secret_hash").notNull(),
    previousSecretHash: text("previous_secret_hash"),
    previousSecretExpiresAt: at("previous_secret_expires_at"),
    /** Last characters of the key. */
    hint: text("hint").notNull(),
    permissions: jsonb("permissions").$type<[permission: string, scope: string][]>().notNull(),
    /** Networks (CIDR). Empty: every address. */
    allowedAddresses: text("allowed_addresses").array().notNull().default([]),
    operationsPerMinute: integer("operations_per_minute"),
    expiresAt: at("expires_at"),
    /** Written at most once a minute. */
    lastUsedAt: at("last_used_at"),
    lastUsedAddress: text("last_used_address"),
    rotatedAt: at("rotated_at"),
    revokedAt: at("revoked_at"),
    revokedBy: uuid("revoked_by"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** The identity provider of the session in which the key got its secret. */
    providerId: uuid("provider_id"),
    /** When the owner is next told that the key expires. Null: never. */
    remindAt: at("remind_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const apiKeysFacts = facts(apiKeys, {
  public: `
    name previous_secret_expires_at hint permissions allowed_addresses operations_per_minute expires_at last_used_at rotated_at revoked_at
    remind_at`,
  secret: "secret_hash previous_secret_hash",
  personal: { user_id: "last_used_address" },
  app: "write",
  // Readable: the tenants with API keys that expire soon.
  worker: ["select(tenant_id,remind_at)"],
  auth: "read",
  acrossTenants: "select",
});

/** Rotating refresh tokens of a session. The token's secret is derived from the row's ID, so nothing usable is stored. */
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

export const refreshTokensFacts = facts(refreshTokens, { public: "issued_at expires_at used_at", app: "write" });

/** Hashes of earlier passwords, as many as `security.passwordHistory` needs. */
export const passwordHistory = identitySchema.table(
  "password_history",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    id: id(),
    passwordHash: text("password_hash").notNull(),
    /** Time when another password replaced it. */
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId, t.id] })],
);

export const passwordHistoryFacts = facts(passwordHistory, {
  secret: "password_hash",
  app: ["select", "insert", "delete"],
  // Deleted beyond the number that the tenant keeps. This role cannot read the hashes.
  worker: ["select(tenant_id,user_id,id,created_at)", "delete"],
});

/** Second factors of users, at most one of each kind, and one that waits to be confirmed. */
export const secondFactors = identitySchema.table(
  "second_factors",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    /** TOTP */
    kind: text("kind").notNull(),
    /** Sealed with the tenant's data key. */
    secret: text("secret").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    /** Null until the user has shown a code. */
    confirmedAt: at("confirmed_at"),
    lastUsedAt: at("last_used_at"),
    /** Time step of the last accepted code. Codes of this step and earlier ones are not accepted again. */
    lastStep: bigint("last_step", { mode: "number" }).notNull().default(0),
    /** The session that has begun the enrolment. Null once confirmed. */
    sessionId: uuid("session_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const secondFactorsFacts = facts(secondFactors, {
  public: "kind confirmed_at last_used_at last_step",
  secret: "secret",
  app: ["select", "insert", "update(secret,created_at,confirmed_at,last_used_at,last_step,session_id)", "delete"],
});

/** Wrong codes and passkeys at logins with the right password. */
export const wrongCodes = identitySchema.table(
  "wrong_codes",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    /** Since the last right code, or the last email about them. */
    codeCount: integer("code_count").notNull(),
    /** Time of the last email about wrong codes. */
    warnedAt: at("warned_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId] })],
);

export const wrongCodesFacts = facts(wrongCodes, {
  public: "code_count warned_at",
  app: ["select", "insert", "update(code_count,warned_at)"],
});

/** Codes that replace a second factor once each. */
export const recoveryCodes = identitySchema.table(
  "recovery_codes",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    codeHash: text("code_hash").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    usedAt: at("used_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const recoveryCodesFacts = facts(recoveryCodes, {
  public: "used_at",
  secret: "code_hash",
  app: ["select", "insert", "update(used_at)", "delete"],
});

/** WebAuthn credentials of users, with which they log in with or without a password. */
export const passkeys = identitySchema.table(
  "passkeys",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    name: text("name").notNull(),
    /** base64url. Unique in the tenant. */
    credentialId: text("credential_id").notNull(),
    /** COSE key. */
    publicKey: bytea("public_key").notNull(),
    /** Of the last signature. Always 0 for passkeys that are synchronized between devices. */
    signCount: bigint("sign_count", { mode: "number" }).notNull(),
    /** How a browser reaches the authenticator. */
    transports: text("transports").array().notNull(),
    /** Whether the authenticator can synchronize it between devices. */
    isSyncable: boolean("is_syncable").notNull(),
    /** Whether it was synchronized when it was last used. */
    isBackedUp: boolean("is_backed_up").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    lastUsedAt: at("last_used_at"),
    /** The identity provider of the session in which it was registered, if one has opened it. */
    providerId: uuid("provider_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const passkeysFacts = facts(passkeys, {
  public: "name sign_count transports is_syncable is_backed_up last_used_at",
  secret: "credential_id public_key",
  app: ["select", "insert", "update(name,sign_count,is_backed_up,last_used_at)", "delete"],
});

/** Challenges of passkeys that were used, until they expire. */
export const usedChallenges = identitySchema.table(
  "used_challenges",
  {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    challengeHash: text("challenge_hash").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.challengeHash] })],
);

export const usedChallengesFacts = facts(usedChallenges, {
  public: "expires_at",
  secret: "challenge_hash",
  app: ["select", "insert", "delete"],
  // Deleted once expired.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Gateways with open sockets of the tenant. */
export const gatewayReports = identitySchema.table(
  "gateway_reports",
  {
    tenantId: tenantId(),
    gatewayId: uuid("gateway_id").notNull(),
    /** Until when the gateway's report counts, unless it reports again. */
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.gatewayId] })],
);

export const gatewayReportsFacts = facts(gatewayReports, {
  public: "expires_at",
  app: ["select", "insert", "update(expires_at)", "delete"],
  // With what the gateway has reported of sessions, which this role cannot read.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Open sockets of sessions, as reported by each gateway. */
export const sessionConnections = identitySchema.table(
  "session_connections",
  {
    tenantId: tenantId(),
    sessionId: uuid("session_id").notNull(),
    gatewayId: uuid("gateway_id").notNull(),
    connectionCount: integer("connection_count").notNull(),
    /** Since when the oldest of them is open. */
    connectedSince: at("connected_since").notNull(),
    /** Whose session it is. */
    userId: uuid("user_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.sessionId, t.gatewayId] })],
);

export const sessionConnectionsFacts = facts(sessionConnections, {
  public: "connection_count connected_since",
  app: ["select", "insert", "update(connection_count,connected_since)", "delete"],
});

/** Logins with a correct password that wait for a second factor. The token's text is derived from the row. */
export const pendingLogins = identitySchema.table(
  "pending_logins",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    /** Hash of the stored password hash. Void if the password changes. */
    passwordFingerprint: text("password_fingerprint").notNull(),
    /** Hash of the login name and the given tenant, by which failed logins are counted. */
    nameHash: text("name_hash").notNull(),
    /** Network of the device that sent the password. */
    address: text("address").notNull(),
    attempts: integer("attempts").notNull().default(0),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    /** The directory that has checked the password. Null if Weft has. */
    providerId: uuid("provider_id"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const pendingLoginsFacts = facts(pendingLogins, {
  public: "attempts expires_at used_at",
  secret: "password_fingerprint name_hash",
  personal: { user_id: "address" },
  app: ["select", "insert", "update(attempts,used_at)", "delete"],
  // Deleted once expired.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Single-use tokens sent by email. The token's text is derived from the row, so nothing usable is stored. Only one per user and purpose is valid. */
export const oneTimeTokens = identitySchema.table(
  "one_time_tokens",
  {
    tenantId: tenantId(),
    id: id(),
    userId: uuid("user_id").notNull(),
    /** INVITATION | EMAIL_VERIFICATION | PASSWORD_RESET | PASSWORD_CHANGE */
    purpose: text("purpose").notNull(),
    /** Hash of the email address to which it was sent. Void if the user's address changes. */
    emailHash: text("email_hash").notNull(),
    /** The inviting user. Null if there is none. */
    createdBy: uuid("created_by"),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    usedAt: at("used_at"),
    revokedAt: at("revoked_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const oneTimeTokensFacts = facts(oneTimeTokens, {
  public: "purpose expires_at used_at revoked_at",
  secret: "email_hash",
  app: "write",
  // Deleted by age, once used or revoked.
  worker: ["select(tenant_id,created_at,used_at,revoked_at)", "delete"],
});

/** Identity providers of a tenant, with which its users log in. */
export const identityProviders = identitySchema.table(
  "identity_providers",
  {
    tenantId: tenantId(),
    id: id(),
    /** OIDC | SAML | LDAP */
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    /** ACTIVE | INACTIVE */
    status: text("status").notNull(),
    /** What only providers of this kind have. */
    configuration: jsonb("configuration").$type<Readonly<Record<string, unknown>>>().notNull(),
    /** Of OIDC, the secret of the client. Of SAML, the key that signs requests. Of LDAP, the password of the account that searches. Encrypted. */
    secret: text("secret"),
    createsUsers: boolean("creates_users").notNull(),
    acceptsUnverifiedEmail: boolean("accepts_unverified_email").notNull(),
    /** Addresses of applications to which a login can return. */
    redirectUrls: text("redirect_urls").array().notNull(),
    roleMappings: jsonb("role_mappings").$type<readonly { readonly group: string; readonly roleId: string }[]>().notNull().default([]),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** Whether users of domains that are not verified are created, too. */
    createsUsersOfAllDomains: boolean("creates_users_of_all_domains").notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const identityProvidersFacts = facts(identityProviders, {
  public: "kind name status configuration creates_users accepts_unverified_email redirect_urls role_mappings creates_users_of_all_domains",
  secret: "secret",
  app: "own",
  auth: ["select(tenant_id,id,kind,name,status,created_at)"],
});

/** Users as an identity provider knows them. */
export const userIdentities = identitySchema.table(
  "user_identities",
  {
    tenantId: tenantId(),
    id: id(),
    providerId: uuid("provider_id").notNull(),
    /** Subjects are unique only within an issuer, so links do not survive a change of it. */
    issuer: text("issuer").notNull(),
    /** The issuer's name for the user, which never changes. */
    subject: text("subject").notNull(),
    userId: uuid("user_id").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    lastUsedAt: at("last_used_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const userIdentitiesFacts = facts(userIdentities, { public: "issuer last_used_at", personal: { user_id: "subject" }, app: "own" });

/**
 * Logins with an identity provider. The texts that the browser, the provider and the application get are derived from the row's ID, so nothing usable
 * is stored.
 */
export const providerLogins = identitySchema.table(
  "provider_logins",
  {
    tenantId: tenantId(),
    id: id(),
    providerId: uuid("provider_id").notNull(),
    /** With which it began. */
    issuer: text("issuer").notNull(),
    redirectUrl: text("redirect_url").notNull(),
    /** S256 of a secret of the application. */
    codeChallenge: text("code_challenge").notNull(),
    /** Returned to the application as it is. */
    applicationState: text("application_state"),
    createdAt: at("created_at").notNull().defaultNow(),
    /** Of the current step. */
    expiresAt: at("expires_at").notNull(),
    receivedAt: at("received_at"),
    userId: uuid("user_id"),
    /** The provider's session, which it names when it logs the user out. */
    providerSession: text("provider_session"),
    /** Whether it only proves again who the user is. It then opens no session. */
    isReauthentication: boolean("is_reauthentication").notNull().default(false),
    /** What a provider of the kind SAML says about the user, until the browser in which the login began has shown itself. Encrypted. */
    account: text("account"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const providerLoginsFacts = facts(providerLogins, {
  public: "issuer redirect_url expires_at received_at is_reauthentication",
  secret: "code_challenge application_state provider_session account",
  app: "own",
  // Deleted once expired.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Logout tokens of identity providers, each of which is accepted once. */
export const logoutTokens = identitySchema.table(
  "logout_tokens",
  {
    tenantId: tenantId(),
    providerId: uuid("provider_id").notNull(),
    tokenHash: text("token_hash").notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.providerId, t.tokenHash] })],
);

export const logoutTokensFacts = facts(logoutTokens, {
  public: "expires_at",
  secret: "token_hash",
  app: ["select", "insert", "update(expires_at)", "delete"],
  // Deleted once expired.
  worker: ["select(tenant_id,expires_at)", "delete"],
});

/** Domains of a tenant. Once verified, a domain belongs to no other tenant. */
export const domains = identitySchema.table(
  "domains",
  {
    tenantId: tenantId(),
    id: id(),
    /** In lower case, internationalized names as ASCII. */
    name: text("name").notNull(),
    /** Text that the tenant publishes in the domain's DNS. */
    challenge: text("challenge").notNull(),
    verifiedAt: at("verified_at"),
    checkedAt: at("checked_at"),
    version: integer("version").notNull().default(1),
    createdBy: uuid("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    updatedAt: at("updated_at").notNull().defaultNow(),
    /** When the record of a verified domain was found missing. Null while it is there. */
    missingSince: at("missing_since"),
    /** When the record is looked for again. Null for domains that are not verified. */
    dueAt: at("due_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const domainsFacts = facts(domains, {
  public: "name challenge verified_at checked_at missing_since due_at",
  app: "own",
  // Readable: the tenants with verified domains to check again.
  worker: ["select(tenant_id,due_at)"],
  // Finds the provider of a login, by its domain, and the tenant that has verified a domain.
  auth: ["select(tenant_id,id,name,challenge,verified_at)"],
  acrossTenants: "select",
});
