import { BadUserInput, Conflict } from "@weft/shared";
import type { Services } from "@weft/shared";
import { passwordProblems } from "../sessions/password.js";
import { findTenantIdBySlug } from "../tenants/tenant.service.js";
import { emailProblems, nameProblems, usernameProblems } from "../users/user-problems.js";
import { createTenantWithShippedRoles } from "./provisioning.js";
import type { ProvisionedTenant, ProvisionedUser } from "./provisioning.js";
import { slugProblems } from "./slug.js";

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
  const problems = [
    ...slugProblems(slug, "slug"),
    ...nameProblems(name, "name"),
    ...emailProblems(admin.email),
    ...(admin.username === undefined ? [] : usernameProblems(admin.username)),
    ...nameProblems(admin.name, "admin.name"),
    ...passwordProblems(admin.password, "admin.password", services.config.mode),
  ];
  if (problems.length > 0) throw new BadUserInput(problems);
  const existing = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (existing !== null) throw new Conflict(`There is a tenant with the slug ${JSON.stringify(slug)} already; it is left as it is.`, {});
  return createTenantWithShippedRoles(services, tenant);
}
