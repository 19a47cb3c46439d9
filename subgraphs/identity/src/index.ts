export { listTenants, setTenantStatus } from "./provisioning/operate-tenants.js";
export { tenantWidePermissions } from "./access/access-rules.js";
export { openTenant, type TenantToOpen } from "./provisioning/open-tenant.js";
export { createTenantWithShippedRoles, createUserWithRoles } from "./provisioning/provisioning.js";
export type { ProvisionedTenant, ProvisionedUser } from "./provisioning/provisioning.js";
export { shippedRoles } from "./roles/shipped-roles.js";
export type { ShippedRole, ShippedRoleKey } from "./roles/shipped-roles.js";
export { identitySubgraph } from "./schema.js";
export { shareLoginAttempts } from "./sessions/attempt-limiter-of.js";
