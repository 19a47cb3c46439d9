import { effectiveConfigOf, planConfigOf } from "@weft/shared";
import type { Problem, Services } from "@weft/shared";
import { passwordProblems } from "./password.js";

/** Whose rules a new password must meet: those of a tenant (UUID), or of the plan that a tenant will begin with. */
export type PasswordRuleOf = { readonly tenantId: string } | { readonly plan: string };

/** What is wrong with a new password under the configuration that counts there, as problems on `path`. @throws ServiceUnavailable */
export async function newPasswordProblems(services: Services, of: PasswordRuleOf, password: string, path: string): Promise<Problem[]> {
  const config = "plan" in of ? await planConfigOf(services, of.plan) : await effectiveConfigOf(services, of.tenantId);
  // The well-known passwords of a demo are shorter than the schema's default.
  const minLength = config.isSet("security.passwordMinLength") ? config.security.passwordMinLength : undefined;
  return passwordProblems(password, path, services.config.mode, minLength);
}
