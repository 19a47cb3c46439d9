import type { Problem } from "@weft/shared/errors";
import { effectiveConfigOf, planConfigOf } from "@weft/platform/configuration";
import type { Services } from "@weft/platform/services";
import { isBreachedPassword } from "./breach-check.js";
import { containsContextWord } from "./context-words.js";
import { normalized, passwordProblems } from "./password.js";

/** Source of the rules for a new password: a tenant (UUID), the plan with which a tenant will start, or null for those of every tenant. */
export type PasswordRuleOf = { readonly tenantId: string } | { readonly plan: string } | null;

/** A password that somebody chooses for a user. */
export interface NewPassword {
  readonly password: string;
  /** Of the password in the input. */
  readonly path: string;
  /** Names of the user and of the organization, which the password must not contain. */
  readonly names: readonly string[];
}

/**
 * Returns the problems of a new password according to the effective configuration: its length, whether it contains names, and whether it is common or
 * known from leaks. Asks the service that knows leaks, so call it outside of transactions.
 * @throws ServiceUnavailable
 */
export async function newPasswordProblems(
  services: Services,
  of: PasswordRuleOf,
  { password, path, names }: NewPassword,
): Promise<Problem[]> {
  const minLength = await minLengthOf(services, of);
  const problems = await passwordProblems(password, path, services.config.mode, minLength);
  // The public passwords of a demo contain names.
  const isForPublicPasswords = services.config.mode === "demo" && minLength === undefined;
  if (problems.length === 0 && !isForPublicPasswords && containsContextWord(password, names))
    problems.push({
      path,
      message: "The password contains your name, your email address, or the name of your organization or of Weft. Choose another.",
    });
  if (problems.length === 0 && (await isBreachedPassword(services, normalized(password))))
    problems.push({ path, message: "This password is known from a data leak. Choose another." });
  return problems;
}

/**
 * Returns whether a password that somebody chooses for another user is temporary, in a tenant (UUID) or with the plan with which it will start. The
 * public passwords of a demo last, unless a configuration says otherwise.
 */
export async function arePasswordsOfOthersTemporary(services: Services, of: NonNullable<PasswordRuleOf>): Promise<boolean> {
  const config = "plan" in of ? await planConfigOf(services, of.plan) : await effectiveConfigOf(services, of.tenantId);
  const isDefault = !config.isSet("security.temporaryPasswords");
  return isDefault && services.config.mode === "demo" ? false : config.security.temporaryPasswords;
}

async function minLengthOf(services: Services, of: PasswordRuleOf): Promise<number | undefined> {
  if (of === null) return undefined;
  const config = "plan" in of ? await planConfigOf(services, of.plan) : await effectiveConfigOf(services, of.tenantId);
  // The public passwords of a demo are shorter than the schema's default.
  return config.isSet("security.passwordMinLength") ? config.security.passwordMinLength : undefined;
}
