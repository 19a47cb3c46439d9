/** Users of identity providers: linking, creating, and the roles of their groups. */
import { BadUserInput, Conflict, LimitExceeded } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { lockRights } from "@weft/platform/rights";
import { isVerifiedDomain } from "../domains/domain.service.js";
import { type IdentityProviderRow, shareIdentityProvider } from "../identity-providers/identity-provider.service.js";
import { issuerOf, trustOf } from "../identity-providers/provider-settings.js";
import { voidOneTimeTokens } from "../one-time-tokens/one-time-token.service.js";
import { findUnfitRoles } from "../rights/fitting-roles.js";
import { assertAdministratorLeft } from "../rights/rights.service.js";
import { hasSecondFactor } from "../second-factors/prove-factor.js";
import { findUnknownRoles } from "../roles/named-roles.service.js";
import {
  addUserRoles,
  activateProvenUser,
  changeRoles,
  createProvenUser,
  findRoleIdsOfUser,
  findUserByEmail,
  findUserForChange,
  isOwnerProven,
  proveOwner,
  removeUserRoles,
  type UserRow,
} from "../users/known-user.service.js";
import { usernameOf } from "../users/user-problems.js";
import { findUserIdentity, insertUserIdentity, isLinked, touchUserIdentity } from "./single-sign-on.store.js";
import { removeWaysIn } from "./ways-in.js";
import type { ProviderUser } from "./user-claims.js";

export { findUserIdentity, isLinked, touchUserIdentity } from "./single-sign-on.store.js";

/** Why a user of a provider cannot log in. The text is for the log: users get one answer for all reasons, which tells nothing about other users. */
export class UserRefused extends Error {
  readonly userId: string | null;

  constructor(message: string, userId: string | null = null) {
    super(message);
    this.name = "UserRefused";
    this.userId = userId;
  }
}

/** The provider was changed or deactivated while it was asked. What it said is not about the provider as it is now. */
export class ProviderChanged extends Error {}

type MetaOf = (userId: string) => WriteMeta;

export interface SignedIn {
  readonly user: UserRow;
  readonly hasNewRights: boolean;
  /** Sessions and API keys that were ended, because others may have opened them. The caller announces it. */
  readonly endedIds: readonly string[];
  /** Whether an existing user was linked to the account now. The caller tells the user. */
  readonly link: "NONE" | "LINKED" | "TAKEN_OVER";
}

/**
 * Returns the user behind an account of a provider, with the roles of the account's groups. The first login links a user with the same email address, or
 * creates one.
 * @param provider as it was when it was asked. `isKnown`: the account must be linked already
 * @throws UserRefused, ProviderChanged
 */
export async function signInProviderUser(
  tx: Tx,
  metaOf: MetaOf,
  {
    provider: asked,
    account,
    isKnown,
  }: { readonly provider: IdentityProviderRow; readonly account: ProviderUser; readonly isKnown: boolean },
): Promise<SignedIn> {
  // Always locked before the row of a user, so that concurrent changes of rights cannot deadlock. It also serializes two first logins of an account.
  await lockRights(tx, asked.tenantId);
  const provider = await shareIdentityProvider(tx, asked.id);
  if (provider?.status !== "ACTIVE" || trustOf(provider) !== trustOf(asked)) throw new ProviderChanged();
  const taken: Taken = { endedIds: [], link: "NONE" };
  const issuer = issuerOf(provider);
  const link = await findUserIdentity(tx, { providerId: provider.id, issuer, subject: account.subject });
  if (link === null && isKnown) throw new UserRefused("the account is not linked to a user, who could prove again who they are");
  const known =
    link === null ? await linkedUser(tx, metaOf, { provider, issuer, account, taken }) : await findUserForChange(tx, link.userId);
  if (known === null) throw new UserRefused("the user no longer exists");
  if (link !== null) await touchUserIdentity(tx, link.id);
  assertMayLogIn(known);
  const user = known.status === "INVITED" ? await activate(tx, metaOf(known.id), known) : known;
  const roles = await syncRoles(tx, metaOf(user.id), { provider, user, account });
  const hasNewRights = roles.isChanged || user !== known || taken.link === "TAKEN_OVER";
  return { user: roles.user, hasNewRights, ...taken };
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

interface Linked {
  readonly provider: IdentityProviderRow;
  readonly issuer: string;
  readonly account: ProviderUser;
  /** Is filled. */
  readonly taken: Taken;
}

/** What was done to an existing user who was linked. */
interface Taken {
  readonly endedIds: string[];
  link: SignedIn["link"];
}

/**
 * Takes a user from everybody who is not the owner of the address, as far as anybody else could have become the user: administrators can create users with
 * any address and a password that they know, and other providers can claim any address.
 */
async function takeFromOthers(tx: Tx, meta: WriteMeta, user: UserRow, taken: Taken): Promise<UserRow> {
  const { after, endedIds } = await removeWaysIn(tx, meta, user, { reason: "EMAIL_PROVEN", forget: proveOwner });
  taken.link = "TAKEN_OVER";
  taken.endedIds.push(...endedIds);
  return after;
}

async function linkedUser(tx: Tx, metaOf: MetaOf, { provider, issuer, account, taken }: Linked): Promise<UserRow> {
  const { email } = account;
  if (email === null) throw new UserRefused("the provider gives no valid email address");
  const { tenantId } = provider;
  // A provider could say this about any address. Only for domains of the tenant, nobody else could say otherwise.
  const isOwnDomain = await isVerifiedDomain(tx, email.slice(email.lastIndexOf("@") + 1));
  const isProven = account.isEmailVerified && isOwnDomain;
  const existing = await findUserByEmail(tx, email);
  const user = existing === null ? await created() : await locked(existing);
  await insertUserIdentity(tx, { tenantId, id: newId(), providerId: provider.id, issuer, subject: account.subject, userId: user.id });
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
    // At some issuers, everybody can have an account.
    if (!isOwnDomain && !provider.createsUsersOfAllDomains)
      throw new UserRefused("the domain of the email address is not verified, and the provider creates users of verified domains only");
    const address = email ?? "";
    try {
      const names = { email: address, username: usernameOf(address), name: account.name ?? usernameOf(address) };
      return await createProvenUser(tx, metaOf, { ...names, isEmailProven: isProven });
    } catch (error) {
      // The plan's limit, or a user whose user name is this address.
      if (error instanceof LimitExceeded || error instanceof BadUserInput)
        throw new UserRefused("the user cannot be created: the plan's limit, or a name that is taken");
      throw error;
    }
  }

  async function locked({ id }: UserRow): Promise<UserRow> {
    if (!isProven) throw new UserRefused("a user has this email address, and it is not a verified one of a verified domain", id);
    const row = await findUserForChange(tx, id);
    if (row === null) throw new UserRefused("the user no longer exists");
    assertMayLogIn(row);
    if (!isOwnerProven(row)) {
      // Their password is there for the day when no provider works, and must not disappear unnoticed.
      if (row.isBreakGlass)
        throw new UserRefused("the user is a break-glass user whose email address was not confirmed while they were logged in", id);
      // Other providers ask for factors of their own. A password alone must not remove those of Weft.
      if (provider.kind === "LDAP" && (await hasSecondFactor(tx, id)))
        throw new UserRefused("the user has a second factor, and an email address that was not confirmed", id);
      return takeFromOthers(tx, metaOf(id), row, taken);
    }
    if (await isLinked(tx, { providerId: provider.id, issuer, userId: id }))
      throw new UserRefused("the user is linked to another account", id);
    if (row.status === "ACTIVE") taken.link = "LINKED";
    return row;
  }
}

/** Adds and removes the roles that the provider's groups give, as far as they are for employees. Roles that no group gives stay as they are. The last administrator stays one. */
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
  const missing = mapped.filter((id) => given.has(id) && !held.includes(id) && !unknown.has(id));
  // A mapping can be older than the rule that its role must be for employees, and the role can have got other parents since.
  const unfit = await findUnfitRoles(tx, user.type, missing);
  const added = missing.filter((id) => !unfit.some((role) => role.id === id));
  const lost = mapped.filter((id) => !given.has(id) && held.includes(id));
  await addUserRoles(tx, user, added);
  await removeUserRoles(tx, user, lost);
  const kept = lost.length > 0 && !(await isAdministratorLeft(tx)) ? await keepAdministrator(tx, user, lost) : [];
  const removed = lost.filter((id) => !kept.includes(id));
  if (kept.length > 0)
    await writeAudit(tx, meta, [
      { action: "identityProvider.keepRoles", entityType: "user", entityId: user.id, before: null, after: { roleIds: kept } },
    ]);
  if (added.length + removed.length === 0) return { user, isChanged: false };
  const wanted = [...held.filter((id) => !removed.includes(id)), ...added];
  return { user: await changeRoles(tx, meta, user, { roleIds: held, wanted }), isChanged: true };
}

/** Gives the last administrator back the first of the removed roles that makes them one, or all that do so together. Returns them. */
async function keepAdministrator(tx: Tx, user: UserRow, removed: readonly string[]): Promise<readonly string[]> {
  for (const id of removed) {
    await addUserRoles(tx, user, [id]);
    if (await isAdministratorLeft(tx)) return [id];
    await removeUserRoles(tx, user, [id]);
  }
  await addUserRoles(tx, user, removed);
  return removed;
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
