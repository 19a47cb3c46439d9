/** Users of identity providers: linking, creating, and the roles of their groups. */
import { appendEvents, Conflict, LimitExceeded, BadUserInput, lockRights, newId, writeAudit } from "@weft/shared";
import type { Tx, WriteMeta } from "@weft/shared";
import { isVerifiedDomain } from "../domains/domain.service.js";
import type { IdentityProviderRow } from "../identity-providers/identity-provider.service.js";
import { voidOneTimeTokens } from "../one-time-tokens/one-time-token.service.js";
import { assertAdministratorLeft } from "../rights/rights.service.js";
import { findUnknownRoles } from "../roles/named-roles.service.js";
import {
  addUserRoles,
  activateProvenUser,
  changeRoles,
  createProvenUser,
  findRoleIdsOfUser,
  findUserByEmail,
  findUserForChange,
  removeUserRoles,
  type UserRow,
} from "../users/known-user.service.js";
import { usernameOf } from "../users/user-problems.js";
import { findUserIdentity, insertUserIdentity, isLinked, touchUserIdentity } from "./single-sign-on.store.js";
import type { ProviderUser } from "./user-claims.js";

/** Why a user of a provider cannot log in. The text is for the log: users get one answer for all reasons, which tells nothing about other users. */
export class UserRefused extends Error {
  readonly userId: string | null;

  constructor(message: string, userId: string | null = null) {
    super(message);
    this.name = "UserRefused";
    this.userId = userId;
  }
}

type MetaOf = (userId: string) => WriteMeta;

/**
 * Returns the user behind an account of a provider, with the roles of the account's groups. The first login links a user with the same email address, or
 * creates one. @throws UserRefused
 */
export async function signInProviderUser(
  tx: Tx,
  metaOf: MetaOf,
  { provider, account }: { readonly provider: IdentityProviderRow; readonly account: ProviderUser },
): Promise<{ readonly user: UserRow; readonly hasNewRights: boolean }> {
  // Always locked before the row of a user, so that concurrent changes of rights cannot deadlock. It also serializes two first logins of an account.
  await lockRights(tx, provider.tenantId);
  const link = await findUserIdentity(tx, { providerId: provider.id, subject: account.subject });
  const known = link === null ? await linkedUser(tx, metaOf, { provider, account }) : await findUserForChange(tx, link.userId);
  if (known === null) throw new UserRefused("the user no longer exists");
  if (link !== null) await touchUserIdentity(tx, link.id);
  assertMayLogIn(known);
  const user = known.status === "INVITED" ? await activate(tx, metaOf(known.id), known) : known;
  const roles = await syncRoles(tx, metaOf(user.id), { provider, user, account });
  return { user: roles.user, hasNewRights: roles.isChanged || user !== known };
}

/** Disabled users stay out whatever the provider says. Vendors' users and service accounts have logins of their own. */
function assertMayLogIn({ id, status, type }: UserRow): void {
  if (status === "DISABLED") throw new UserRefused("the user is disabled", id);
  if (type !== "EMPLOYEE") throw new UserRefused(`the user is of the type ${type}`, id);
}

async function activate(tx: Tx, meta: WriteMeta, user: UserRow): Promise<UserRow> {
  await voidOneTimeTokens(tx, user.id, "INVITATION");
  return activateProvenUser(tx, meta, user);
}

async function linkedUser(
  tx: Tx,
  metaOf: MetaOf,
  { provider, account }: { readonly provider: IdentityProviderRow; readonly account: ProviderUser },
): Promise<UserRow> {
  const { email } = account;
  if (email === null) throw new UserRefused("the provider gives no valid email address");
  const { tenantId } = provider;
  // A provider could say this about any address. Only for domains of the tenant, nobody else could say otherwise.
  const isProven = account.isEmailVerified && (await isVerifiedDomain(tx, email.slice(email.lastIndexOf("@") + 1)));
  const existing = await findUserByEmail(tx, email);
  const user = existing === null ? await created() : await locked(existing);
  await insertUserIdentity(tx, { tenantId, id: newId(), providerId: provider.id, subject: account.subject, userId: user.id });
  const meta = metaOf(user.id);
  const image = { userId: user.id, providerId: provider.id };
  await writeAudit(tx, meta, [
    { action: "identityProvider.linkUser", entityType: "identityProvider", entityId: provider.id, before: null, after: image },
  ]);
  await appendEvents(tx, meta, [
    {
      type: "identityProvider.user_linked",
      subjectId: provider.id,
      subjectVersion: provider.version,
      related: { user: user.id },
      payload: { userId: user.id },
    },
  ]);
  return user;

  async function created(): Promise<UserRow> {
    if (!provider.createsUsers) throw new UserRefused("the provider does not create users");
    if (!account.isEmailVerified && !provider.acceptsUnverifiedEmail) throw new UserRefused("the email address is not verified");
    const address = email ?? "";
    try {
      const names = { email: address, username: usernameOf(address), name: account.name ?? usernameOf(address) };
      return await createProvenUser(tx, metaOf, { ...names, isEmailProven: isProven });
    } catch (error) {
      // The plan's limit, or a user whose user name is this address.
      if (error instanceof LimitExceeded || error instanceof BadUserInput) throw new UserRefused(error.message);
      throw error;
    }
  }

  async function locked({ id }: UserRow): Promise<UserRow> {
    if (!isProven) throw new UserRefused("a user has this email address, and it is not a verified one of a verified domain", id);
    if (await isLinked(tx, { providerId: provider.id, userId: id })) throw new UserRefused("the user is linked to another account", id);
    const row = await findUserForChange(tx, id);
    if (row === null) throw new UserRefused("the user no longer exists");
    assertMayLogIn(row);
    return row;
  }
}

/** Adds and removes the roles that the provider's groups give. Roles that no group gives stay as they are. The last administrator stays one. */
async function syncRoles(
  tx: Tx,
  meta: WriteMeta,
  { provider, user, account }: { readonly provider: IdentityProviderRow; readonly user: UserRow; readonly account: ProviderUser },
): Promise<{ readonly user: UserRow; readonly isChanged: boolean }> {
  const mapped = [...new Set(provider.roleMappings.map(({ roleId }) => roleId))];
  if (mapped.length === 0) return { user, isChanged: false };
  const given = new Set(provider.roleMappings.filter(({ group }) => account.groups.has(group)).map(({ roleId }) => roleId));
  const held = await findRoleIdsOfUser(tx, user.id);
  const unknown = await findUnknownRoles(tx, mapped);
  const added = mapped.filter((id) => given.has(id) && !held.includes(id) && !unknown.has(id));
  let removed = mapped.filter((id) => !given.has(id) && held.includes(id));
  await addUserRoles(tx, user, added);
  await removeUserRoles(tx, user, removed);
  if (removed.length > 0 && !(await isAdministratorLeft(tx))) {
    await addUserRoles(tx, user, removed);
    removed = [];
  }
  if (added.length + removed.length === 0) return { user, isChanged: false };
  const wanted = [...held.filter((id) => !removed.includes(id)), ...added];
  return { user: await changeRoles(tx, meta, user, { roleIds: held, wanted }), isChanged: true };
}

async function isAdministratorLeft(tx: Tx): Promise<boolean> {
  try {
    await assertAdministratorLeft(tx);
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false;
    throw error;
  }
}
