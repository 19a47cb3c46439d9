import { BadUserInput, Conflict } from "@weft/shared";
import type { Problem, Services } from "@weft/shared";
import { passwordProblems } from "../sessions/password.js";
import { findTenantIdBySlug } from "../tenants/tenant.service.js";
import { emailProblems, nameProblems, usernameProblems } from "../users/user-problems.js";
import { createPlatformTenant, createTenantWithShippedRoles } from "./provisioning.js";
import type { ProvisionedTenant, ProvisionedUser } from "./provisioning.js";
import { platformSlug, slugProblems } from "./slug.js";

/** As an operator says it. */
export interface TenantToOpen {
  readonly slug: string;
  readonly name: string;
  readonly plan?: "FREE" | "PRO" | "ENTERPRISE";
  readonly admin: ProvisionedUser;
}

/**
 * Makes a tenant with the shipped roles and its first administrator for the operator of an installation. Unlike `createTenantWithShippedRoles`,
 * which seeds and tests use, it holds everything to the rules of the API and leaves a tenant that exists alone.
 * @throws BadUserInput with every problem at once; Conflict when the slug is taken
 */
export async function openTenant(services: Services, tenant: TenantToOpen): Promise<ProvisionedTenant> {
  const { slug, name, admin } = tenant;
  assertNone([...slugProblems(slug, "slug"), ...nameProblems(name, "name"), ...adminProblems(services, admin)]);
  await assertFree(services, slug);
  return createTenantWithShippedRoles(services, tenant);
}

/** The same for the tenant of those who run the installation. @throws BadUserInput; Conflict when there is one already */
export async function openPlatform(services: Services, platform: { name: string; admin: ProvisionedUser }): Promise<ProvisionedTenant> {
  assertNone([...nameProblems(platform.name, "name"), ...adminProblems(services, platform.admin)]);
  await assertFree(services, platformSlug);
  return createPlatformTenant(services, platform);
}

/** What is wrong with the first administrator of a tenant, as problems on paths that begin with `prefix`. */
export function adminProblems(
  services: Services,
  admin: Omit<ProvisionedUser, "password"> & { readonly password?: string | null },
  prefix = "admin.",
): Problem[] {
  return [
    ...emailProblems(admin.email, `${prefix}email`),
    ...(admin.username === undefined ? [] : usernameProblems(admin.username, `${prefix}username`)),
    ...nameProblems(admin.name, `${prefix}name`),
    ...(typeof admin.password === "string" ? passwordProblems(admin.password, `${prefix}password`, services.config.mode) : []),
  ];
}

function assertNone(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new BadUserInput(problems);
}

async function assertFree(services: Services, slug: string): Promise<void> {
  const existing = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (existing !== null) throw new Conflict(`There is a tenant with the slug ${JSON.stringify(slug)} already; it is left as it is.`, {});
}
