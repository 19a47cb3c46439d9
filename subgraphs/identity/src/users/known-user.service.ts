import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { writeNewUser } from "./creation/new-user.js";
import { deleteUserRoles, findRoleIdsOfUser, insertUserRoles } from "./membership.store.js";
import { findUserOfLogin, recordChange, writeChanges } from "./user.service.js";
import type { UserChanges } from "./user.service.js";
import { keepReplacedPassword } from "./password-history.service.js";
import { isUsernameTaken, lockUser, lockUsername, markEmailVerified } from "./user.store.js";
import type { UserRow } from "./user.store.js";

export { findRoleIdsOfUser } from "./membership.store.js";
export { findRecentHashes } from "./password-history.service.js";
export { findNamesAroundUser, findPasswordHash, hasPassword, selectUserByEmail as findUserByEmail } from "./user.store.js";

export type { UserRow } from "./user.store.js";

/** Changes of users that are authorized by a token instead of a viewer's permission. The caller has checked the token. */

/** Returns the user, locked, or null if there is none. */
export function findUserForChange(tx: Tx, id: string): Promise<UserRow | null> {
  return lockUser(tx, id);
}

/**
 * Returns the user name for a new user who did not choose one: the part of the email address before the @, or the entire address if that part is
 * taken.
 */
export async function freeUsername(tx: Tx, { email, username }: { email: string; username: string }): Promise<string> {
  await lockUsername(tx, username);
  return (await isUsernameTaken(tx, username)) ? email : username;
}

/** Activates an invited user with their own password. Following the link in the email proves that the address belongs to the user. */
export async function activateInvitedUser(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  { name, passwordHash }: { readonly name: string | null; readonly passwordHash: string },
): Promise<UserRow> {
  await markEmailVerified(tx, before.id);
  const changes = { passwordHash, status: "ACTIVE", ...(name !== null && { name }) };
  return write(tx, meta, before, { action: "user.acceptInvitation", changes });
}

/**
 * Takes their password from a user who is not proven to be the owner of the email address (see `isOwnerProven`), and confirms it: whoever chose the
 * password need not be the owner of the address, who is proven now. The version of the rights rises, so that no request of theirs that is under way can still act as the user.
 */
export async function proveOwner(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  await markEmailVerified(tx, before.id);
  await keepReplacedPassword(tx, before, 0);
  return write(tx, meta, before, { action: "user.proveEmail", changes: { passwordHash: null }, raisesRights: true });
}

/**
 * Takes the password and the proof of the email address from a user who comes back: the person with these names may be another one now. The version of the
 * rights rises.
 */
export async function forgetOwner(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  await keepReplacedPassword(tx, before, 0);
  const changes = { passwordHash: null, emailVerifiedAt: null };
  return write(tx, meta, before, { action: "user.forgetLogin", changes, raisesRights: true });
}

/** Activates an invited user whom an identity provider knows. They have no password. */
export function activateProvenUser(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  return write(tx, meta, before, { action: "user.acceptInvitation", changes: { status: "ACTIVE" } });
}

/**
 * Creates an active employee whom an identity provider knows, without a password and roles. They are the actor of their own creation.
 * @param metaOf the metadata of a write by a user
 * @throws BadUserInput (a name is taken), LimitExceeded
 */
export async function createProvenUser(
  tx: Tx,
  metaOf: (userId: string) => WriteMeta,
  {
    isEmailProven,
    ...names
  }: { readonly email: string; readonly username: string; readonly name: string; readonly isEmailProven: boolean },
): Promise<UserRow> {
  const id = newId();
  const username = await freeUsername(tx, names);
  await writeNewUser(tx, metaOf(id), {
    ...names,
    id,
    username,
    type: "EMPLOYEE",
    vendorId: null,
    passwordHash: null,
    isActive: true,
    roleIds: [],
    teamIds: [],
  });
  if (isEmailProven) await markEmailVerified(tx, id);
  return findUserOfLogin(tx, id);
}

/** Gives a locked user roles, without recording it: see `changeRoles`. */
export const addUserRoles = (tx: Tx, { tenantId, id }: UserRow, roleIds: readonly string[]): Promise<void> =>
  insertUserRoles(tx, { tenantId, userId: id, roleIds });

/** Takes roles from a locked user, without recording it: see `changeRoles`. */
export const removeUserRoles = (tx: Tx, { id }: UserRow, roleIds: readonly string[]): Promise<void> =>
  deleteUserRoles(tx, { userId: id, roleIds });

/** Records that the roles of a locked user were changed. */
export async function changeRoles(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  { roleIds, wanted }: { readonly roleIds: readonly string[]; readonly wanted: readonly string[] },
): Promise<UserRow> {
  const after = await writeChanges(tx, before, { changes: {}, raisesRights: true });
  await recordChange({ meta }, tx, { action: "user.update", before, after, roleIds, wanted, raisesRights: true });
  return after;
}

/**
 * Sets a new password. `isEmailProven`: the user has followed a link in an email, so the address belongs to them. `historyCount`: number of most recent
 * passwords that the tenant keeps.
 */
export async function setPassword(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  {
    action,
    passwordHash,
    historyCount,
    isEmailProven = false,
  }: { readonly action: string; readonly passwordHash: string; readonly historyCount: number; readonly isEmailProven?: boolean },
): Promise<UserRow> {
  if (isEmailProven && !isOwnerProven(before)) await markEmailVerified(tx, before.id);
  await keepReplacedPassword(tx, before, historyCount);
  return write(tx, meta, before, { action, changes: { passwordHash } });
}

/**
 * Whether the owner of the email address has used the account, so the ways to log in are theirs. A link that was opened without a session of the user proves
 * only that somebody reads the mailbox: perhaps somebody else has created the account, has asked for the link, and could still log in.
 */
export const isOwnerProven = ({ emailVerifiedAt, isVerifiedWithoutLogin }: UserRow): boolean =>
  emailVerifiedAt !== null && !isVerifiedWithoutLogin;

/** The user has confirmed their current email address: `isWithoutLogin`, without being logged in. */
export async function verifyUserEmail(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  { isWithoutLogin }: { readonly isWithoutLogin: boolean },
): Promise<UserRow> {
  if (isWithoutLogin ? before.emailVerifiedAt !== null : isOwnerProven(before)) return before;
  await markEmailVerified(tx, before.id, { isWithoutLogin });
  return write(tx, meta, before, { action: "user.verifyEmail", changes: {} });
}

/** Records a change of the user's second factors, which are not part of the user's row, and raises the user's version. */
export async function recordFactorChange(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  action:
    | "user.enableTotp"
    | "user.disableTotp"
    | "user.addPasskey"
    | "user.removePasskey"
    | "user.resetSecondFactors"
    | "user.regenerateRecoveryCodes",
): Promise<UserRow> {
  return write(tx, meta, before, { action, changes: {} });
}

/** Raises the user's version because the invitation has changed, so that clients read the user again. */
export async function touchInvitedUser(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  return write(tx, meta, before, { action: "user.invite", changes: {} });
}

async function write(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  {
    action,
    changes,
    raisesRights = changes.status !== undefined,
  }: { readonly action: string; readonly changes: UserChanges; readonly raisesRights?: boolean },
): Promise<UserRow> {
  await writeChanges(tx, before, { changes, raisesRights });
  const after = await findUserOfLogin(tx, before.id);
  const roleIds = await findRoleIdsOfUser(tx, before.id);
  await recordChange({ meta }, tx, { action, before, after, roleIds, wanted: roleIds, raisesRights });
  return after;
}
