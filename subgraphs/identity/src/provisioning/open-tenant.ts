import { BadUserInput, Conflict, type Problem } from "@weft/shared/errors";
import type { Services } from "@weft/platform/services";
import { newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { findTenantIdBySlug } from "../tenants/tenant.service.js";
import { emailProblems, nameProblems, usernameProblems } from "../users/user-problems.js";
import { createPlatformTenant, createTenantWithBuiltInRoles } from "./provisioning.js";
import type { ProvisionedTenant, ProvisionedUser } from "./provisioning.js";
import { platformSlug, slugProblems } from "./slug.js";

/** The administrator as specified by an operator. */
export interface TenantToOpen {
  readonly slug: string;
  readonly name: string;
  readonly plan?: "FREE" | "PRO" | "ENTERPRISE";
  readonly admin: ProvisionedUser;
}

/**
 * Creates a tenant with the built-in roles and its first administrator on behalf of the operator of an installation. Unlike
 * `createTenantWithBuiltInRoles`, which seeds and tests use, it validates everything like the API does and does not touch existing tenants.
 * @throws BadUserInput with all problems; Conflict if the slug is taken
 */
export async function openTenant(services: Services, tenant: TenantToOpen): Promise<ProvisionedTenant> {
  const { slug, name, admin } = tenant;
  assertNone([...slugProblems(slug, "slug"), ...nameProblems(name, "name"), ...(await adminProblems(services, admin, [name, slug]))]);
  await assertFree(services, slug);
  return createTenantWithBuiltInRoles(services, tenant);
}

/**
 * Does the same for the platform tenant.
 * @throws BadUserInput; Conflict if there is one already
 */
export async function openPlatform(services: Services, platform: { name: string; admin: ProvisionedUser }): Promise<ProvisionedTenant> {
  assertNone([...nameProblems(platform.name, "name"), ...(await adminProblems(services, platform.admin, [platform.name]))]);
  await assertFree(services, platformSlug);
  return createPlatformTenant(services, platform);
}

/** Returns the problems of a tenant's first administrator, with paths that begin with `prefix`. `organization`: the names of the tenant. */
export async function adminProblems(
  services: Services,
  admin: Omit<ProvisionedUser, "password"> & { readonly password?: string | null },
  organization: readonly string[],
  prefix = "admin.",
): Promise<Problem[]> {
  return [
    ...emailProblems(admin.email, `${prefix}email`),
    ...(admin.username === undefined ? [] : usernameProblems(admin.username, `${prefix}username`)),
    ...nameProblems(admin.name, `${prefix}name`),
    ...(typeof admin.password === "string"
      ? await newPasswordProblems(services, null, {
          password: admin.password,
          path: `${prefix}password`,
          names: [...organization, admin.email, admin.username ?? "", admin.name],
        })
      : []),
  ];
}

function assertNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function assertFree(services: Services, slug: string): Promise<void> {
  const existing = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (existing !== null) throw new Conflict(`A tenant with the slug ${JSON.stringify(slug)} already exists and is not changed.`, {});
}
