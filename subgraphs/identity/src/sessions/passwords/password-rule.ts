import { effectiveConfigOf, planConfigOf } from "@weft/shared";
import type { Problem, Services } from "@weft/shared";
import { passwordProblems } from "./password.js";

/** Source of the rules for a new password: a tenant (UUID), or the plan with which a tenant will start. */
export type PasswordRuleOf = { readonly tenantId: string } | { readonly plan: string };

/**
 * Returns the problems of a new password according to the effective configuration, with the given `path`.
 * @throws ServiceUnavailable
 */
export async function newPasswordProblems(services: Services, of: PasswordRuleOf, password: string, path: string): Promise<Problem[]> {
  const config = "plan" in of ? await planConfigOf(services, of.plan) : await effectiveConfigOf(services, of.tenantId);
  // The public passwords of a demo are shorter than the schema's default.
  const minLength = config.isSet("security.passwordMinLength") ? config.security.passwordMinLength : undefined;
  return passwordProblems(password, path, services.config.mode, minLength);
}
