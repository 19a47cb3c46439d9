// type-graphql asks for it before the first decorator runs, although nothing emits metadata.
import "reflect-metadata";
export { changeTenantStatus, listTenants, rotateDataKey } from "./provisioning/operate-tenants.js";
export { tenantWidePermissions } from "./access/access-rules.js";
export { importUsers, type ImportedUser } from "./provisioning/import-users.js";
export { openPlatform, openTenant, type TenantToOpen } from "./provisioning/open-tenant.js";
export { createPlatformTenant, createTenantWithBuiltInRoles, createUserWithRoles } from "./provisioning/provisioning.js";
export type { ProvisionedTenant, ProvisionedUser } from "./provisioning/provisioning.js";
export { platformRoles } from "./roles/platform-roles.js";
export { builtInRoles } from "./roles/built-in-roles.js";
export type { BuiltInRole, BuiltInRoleKey } from "./roles/built-in-roles.js";
export { identitySubgraph } from "./schema.js";
export { dueApiKeys } from "./api-keys/due-api-keys.js";
export { dueDomains } from "./domains/due-domains.js";
export { pastFieldUses } from "./field-usage/past-field-uses.js";
export { pastProviderKeys } from "./identity-providers/past-provider-keys.js";
export { pastLogoutTokens, pastProviderLogins } from "./single-sign-on/past-logins.js";
export { verifyPassword, hashPassword } from "./sessions/passwords/password.js";
export { shareLoginAttempts } from "./sessions/attempts/attempt-limiter-of.js";
