import { asTenant, BadUserInput, quote } from "@weft/shared";
import type { Problem, Services } from "@weft/shared";
import { findRoleIds } from "../roles/named-roles.service.js";
import { refusalOfImportedHash } from "../sessions/passwords/bcrypt.js";
import { findTenantIdBySlug } from "../tenants/tenant.service.js";
import { emailProblems, nameProblems, usernameOf, usernameProblems } from "../users/user-problems.js";
import { writeProvisionedUser } from "./provisioning.js";

/** A user of another system, whose password is known only as a hash. */
export interface ImportedUser {
  readonly email: string;
  /** Default: the part of the email address before the @. */
  readonly username?: string;
  readonly name: string;
  /** Role keys. */
  readonly roles: readonly string[];
  /** bcrypt: `$2a$`, `$2b$` or `$2y$`. The user's first login replaces it. */
  readonly passwordHash: string;
}

/**
 * Creates users with their passwords of another system on behalf of the operator of an installation. Nobody else can import hashes: whoever chooses the
 * hash of a user knows the password. Users whose email address the tenant already has are not changed, so an interrupted import can be repeated.
 * @returns the numbers of created users and of users that existed
 * @throws BadUserInput with all problems, before any user is created; LimitExceeded (the plan), after the users before
 */
export async function importUsers(
  services: Services,
  { slug, users }: { readonly slug: string; readonly users: readonly ImportedUser[] },
): Promise<{ created: number; existing: number }> {
  const tenantId = await services.databases.auth.begin((tx) => findTenantIdBySlug(tx, slug), "read");
  if (tenantId === null) throw new BadUserInput([{ path: "slug", message: `No tenant with the slug ${quote(slug)} exists.` }]);
  const problems = users.flatMap((user, index) => userProblems(user, `users.${index}.`));
  if (problems.length > 0) throw new BadUserInput(problems);
  await asTenant(services.databases.app, { tenantId }, "read", (tx) =>
    findRoleIds(tx, { roleKeys: [...new Set(users.flatMap(({ roles }) => roles))] }),
  );
  let created = 0;
  for (const { passwordHash, ...user } of users) {
    const written = await writeProvisionedUser(services, tenantId, { username: usernameOf(user.email), ...user }, passwordHash);
    if (written.isNew) created++;
  }
  return { created, existing: users.length - created };
}

function userProblems({ email, username, name, roles, passwordHash }: ImportedUser, prefix: string): Problem[] {
  const refusal = refusalOfImportedHash(passwordHash);
  return [
    ...emailProblems(email, `${prefix}email`),
    ...(username === undefined ? [] : usernameProblems(username, `${prefix}username`)),
    ...nameProblems(name, `${prefix}name`),
    ...(roles.length > 0 ? [] : [{ path: `${prefix}roles`, message: "The user has no role." }]),
    ...(refusal === null ? [] : [{ path: `${prefix}passwordHash`, message: refusal }]),
  ];
}
