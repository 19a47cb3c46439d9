import { effectiveConfigOf, planConfigOf } from "@weft/shared";
import type { Problem, Services } from "@weft/shared";
import { isBreachedPassword } from "./breach-check.js";
import { normalized, passwordProblems } from "./password.js";

/** Source of the rules for a new password: a tenant (UUID), the plan with which a tenant will start, or null for those of every tenant. */
export type PasswordRuleOf = { readonly tenantId: string } | { readonly plan: string } | null;

/**
 * Returns the problems of a new password according to the effective configuration, with the given `path`: its length, and whether it is common or known
 * from leaks. Asks the service that knows leaks, so call it outside of transactions.
 * @throws ServiceUnavailable
 */
export async function newPasswordProblems(services: Services, of: PasswordRuleOf, password: string, path: string): Promise<Problem[]> {
  const problems = await passwordProblems(password, path, services.config.mode, await minLengthOf(services, of));
  if (problems.length === 0 && (await isBreachedPassword(services, normalized(password))))
    problems.push({ path, message: "This password is known from a data leak. Choose another." });
  return problems;
}

async function minLengthOf(services: Services, of: PasswordRuleOf): Promise<number | undefined> {
  if (of === null) return undefined;
  const config = "plan" in of ? await planConfigOf(services, of.plan) : await effectiveConfigOf(services, of.tenantId);
  // The public passwords of a demo are shorter than the schema's default.
  return config.isSet("security.passwordMinLength") ? config.security.passwordMinLength : undefined;
}
