import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { asTenant, type Tx } from "@weft/platform/db";
import type { Services } from "@weft/platform/services";
import { unfitRoleProblems } from "../rights/fitting-roles.js";
import { findRoleIds, roleKeyProblems } from "../roles/named-roles.service.js";
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
  /** Line of the file, which problems name. Default: they have the position of the user. */
  readonly line?: number;
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
  const problems = users.flatMap((user, index) => userProblems(user).map((problem) => placed(problem, user, index)));
  if (problems.length > 0) throw new BadUserInput(problems);
  await asTenant(services.databases.app, { tenantId }, "read", (tx) => assertRolesFitUsers(tx, users));
  let created = 0;
  for (const { passwordHash, line: _, ...user } of users) {
    const written = await writeProvisionedUser(services, tenantId, { username: usernameOf(user.email), ...user }, passwordHash);
    if (written.isNew) created++;
  }
  return { created, existing: users.length - created };
}

/** @throws BadUserInput with every user of a role that does not exist, or is for users of vendors: imported users are employees */
async function assertRolesFitUsers(tx: Tx, users: readonly ImportedUser[]): Promise<void> {
  const roleKeys = [...new Set(users.flatMap(({ roles }) => roles))];
  const refused = new Map((await roleKeyProblems(tx, roleKeys)).map(({ key, message }) => [key, message]));
  const roleIds = await findRoleIds(tx, { roleKeys: roleKeys.filter((key) => !refused.has(key)) });
  for (const { path: key, message } of await unfitRoleProblems(tx, { type: "EMPLOYEE", roleIds, pathOf: (role) => role.key }))
    refused.set(key, message);
  const problems = users.flatMap((user, index) =>
    user.roles.flatMap((key, at) => {
      const message = refused.get(key);
      return message === undefined ? [] : [placed({ path: `roles.${at}`, message }, user, index)];
    }),
  );
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Returns the problem of a user with the place of the user. */
const placed = ({ path, message }: Problem, { line }: ImportedUser, index: number): Problem =>
  line === undefined ? { path: `users.${index}.${path}`, message } : { path: `line ${line}`, message: `${path}: ${message}` };

/** Returns the problems of a user, with the paths of its members. */
function userProblems({ email, username, name, roles, passwordHash }: ImportedUser): Problem[] {
  const refusal = refusalOfImportedHash(passwordHash);
  return [
    ...emailProblems(email, "email"),
    ...(username === undefined ? [] : usernameProblems(username, "username")),
    ...nameProblems(name, "name"),
    ...(roles.length > 0 ? [] : [{ path: "roles", message: "The user has no role." }]),
    ...(refusal === null ? [] : [{ path: "passwordHash", message: refusal }]),
  ];
}
