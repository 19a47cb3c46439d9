import { newId } from "@weft/shared/ids";
import { asTenant } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Services } from "@weft/platform/services";
import { assertRolesFit } from "../rights/fitting-roles.js";
import { lockRights } from "../rights/rights.service.js";
import { findRoleIds } from "../roles/named-roles.service.js";
import { findAllRoleIds } from "../roles/role.service.js";
import type { BuiltInRoleKey } from "../roles/built-in-roles.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { keepTeamsOfInput } from "../teams/team.service.js";
import { findTenantIdBySlug, writeNewTenant } from "../tenants/tenant.service.js";
import { writeNewUser } from "../users/creation/new-user.js";
import { findUserIdByEmail } from "../users/user.service.js";
import { fillNewTenant } from "./new-tenant.js";
import { platformSlug } from "./slug.js";

/** A user that a composition root (seed, test kit) adds to a tenant. The password policy does not apply. */
export interface ProvisionedUser {
  readonly email: string;
  /** Defaults to the part of the email address before the @. */
  readonly username?: string;
  readonly name: string;
  readonly password: string;
}

/** IDs are UUIDs. */
export interface ProvisionedTenant {
  readonly tenantId: string;
  readonly adminId: string;
  /** Keyed by role key. */
  readonly roleIds: Readonly<Record<string, string>>;
}

/**
 * Creates a tenant with the built-in roles and its first administrator, in one transaction. If a tenant with the slug exists, returns it unchanged,
 * so that an interrupted setup can be repeated.
 */
export async function createTenantWithBuiltInRoles(
  services: Services,
  tenant: {
    slug: string;
    name: string;
    plan?: "FREE" | "PRO" | "ENTERPRISE";
    kind?: "CUSTOMER" | "PLATFORM";
    isSandbox?: boolean;
    admin: ProvisionedUser;
  },
): Promise<ProvisionedTenant> {
  const existing = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, tenant.slug), "read");
  if (existing !== null) return describeTenant(services, existing, tenant.admin.email);
  const tenantId = newId();
  const adminId = newId();
  const meta = provisioningMeta(services, tenantId, adminId);
  const passwordHash = await hashPassword(tenant.admin.password, services.config.passwordCost);
  return asTenant(services.databases.app, { tenantId, userId: adminId }, "write", async (tx) => {
    const { slug, name, plan = "FREE", kind = "CUSTOMER", isSandbox = false } = tenant;
    const row = await writeNewTenant(tx, { tenantId, slug, name, plan, kind, isSandbox });
    const roleIds = await fillNewTenant(tx, meta, { row, admin: { ...columnsOf(tenant.admin), id: adminId, passwordHash } });
    return { tenantId, adminId, roleIds };
  });
}

/** Does the same for the platform tenant. An installation has one. */
export function createPlatformTenant(
  services: Services,
  { name, admin }: { name: string; admin: ProvisionedUser },
): Promise<ProvisionedTenant> {
  // The platform tenant is not subject to a commercial plan.
  return createTenantWithBuiltInRoles(services, { slug: platformSlug, name, plan: "ENTERPRISE", kind: "PLATFORM", admin });
}

/**
 * Creates a user without the API, for seeds and tests. If a user with the email address exists, returns it unchanged.
 * @returns the user's UUID
 * @throws BadUserInput for an unknown role, team or vendor, for a role that is for users of another type, and for a taken user name
 */
export async function createUserWithRoles(
  services: Services,
  tenantId: string,
  { password, ...user }: UserWithRoles & Pick<ProvisionedUser, "password">,
): Promise<string> {
  const passwordHash = await hashPassword(password, services.config.passwordCost);
  return (await writeProvisionedUser(services, tenantId, user, passwordHash)).id;
}

type UserWithRoles = Omit<ProvisionedUser, "password"> & {
  readonly roles: readonly (BuiltInRoleKey | (string & {}))[];
  readonly teams?: readonly string[];
  /** UUID. Creates a VENDOR user. */
  readonly vendorId?: string;
};

/** Does the same with the hash of a password. */
export async function writeProvisionedUser(
  services: Services,
  tenantId: string,
  user: UserWithRoles,
  passwordHash: string,
): Promise<{ id: string; isNew: boolean }> {
  const id = newId();
  const meta = provisioningMeta(services, tenantId, id);
  return asTenant(services.databases.app, { tenantId, userId: id }, "write", async (tx) => {
    const existing = await findUserIdByEmail(tx, user.email);
    if (existing !== null) return { id: existing, isNew: false };
    await lockRights(tx, tenantId);
    const roleIds = await findRoleIds(tx, { roleKeys: user.roles });
    const columns = columnsOf(user);
    await assertRolesFit(tx, { type: columns.type, roleIds, pathOf: ({ key }) => `roles.${user.roles.indexOf(key)}` });
    const teamIds = await keepTeamsOfInput(tx, { teamKeys: user.teams ?? [] });
    const row = await writeNewUser(tx, meta, { ...columns, id, passwordHash, roleIds, teamIds });
    return { id: row.id, isNew: true };
  });
}

async function describeTenant(services: Services, tenantId: string, adminEmail: string): Promise<ProvisionedTenant> {
  return asTenant(services.databases.app, { tenantId }, "read", async (tx) => {
    const adminId = await findUserIdByEmail(tx, adminEmail);
    if (adminId === null) throw new Error(`The tenant exists, but has no user ${adminEmail}.`);
    return { tenantId, adminId, roleIds: await findAllRoleIds(tx) };
  });
}

function columnsOf({ email, username, name, vendorId }: Omit<ProvisionedUser, "password"> & { readonly vendorId?: string }) {
  const type = vendorId === undefined ? ("EMPLOYEE" as const) : ("VENDOR" as const);
  return { email, username: username ?? email.slice(0, email.indexOf("@")), name, type, vendorId: vendorId ?? null };
}

/** Provisioned users are recorded as their own actors, because before the first user there is nobody else. */
function provisioningMeta(services: Services, tenantId: string, actorId: string): WriteMeta {
  return {
    tenantId,
    actorId,
    onBehalfOf: null,
    sessionId: null,
    requestId: "provisioning",
    address: null,
    traceId: null,
    keyring: services.keyring,
  };
}
