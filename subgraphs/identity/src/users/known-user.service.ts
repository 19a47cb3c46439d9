import type { Tx, WriteMeta } from "@weft/shared";
import { findRoleIdsOfUser } from "./membership.store.js";
import { findUserOfLogin, recordChange, writeChanges } from "./user.service.js";
import type { UserChanges } from "./user.service.js";
import { keepReplacedPassword } from "./password-history.service.js";
import { isUsernameTaken, lockUser, lockUsername, markEmailVerified } from "./user.store.js";
import type { UserRow } from "./user.store.js";

export { findRecentHashes } from "./password-history.service.js";
export { findNamesAroundUser, findPasswordHash, hasPassword } from "./user.store.js";

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
  if (isEmailProven && before.emailVerifiedAt === null) await markEmailVerified(tx, before.id);
  await keepReplacedPassword(tx, before, historyCount);
  return write(tx, meta, before, { action, changes: { passwordHash } });
}

/** The user has confirmed their current email address. */
export async function verifyUserEmail(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  if (before.emailVerifiedAt !== null) return before;
  await markEmailVerified(tx, before.id);
  return write(tx, meta, before, { action: "user.verifyEmail", changes: {} });
}

/** Records a change of the user's second factors, which are not part of the user's row, and raises the user's version. */
export async function recordFactorChange(
  tx: Tx,
  meta: WriteMeta,
  before: UserRow,
  action: "user.enableTotp" | "user.disableTotp" | "user.resetSecondFactors" | "user.regenerateRecoveryCodes",
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
  { action, changes }: { readonly action: string; readonly changes: UserChanges },
): Promise<UserRow> {
  const raisesRights = changes.status !== undefined;
  await writeChanges(tx, before, { changes, raisesRights });
  const after = await findUserOfLogin(tx, before.id);
  const roleIds = await findRoleIdsOfUser(tx, before.id);
  await recordChange({ meta }, tx, { action, before, after, roleIds, wanted: roleIds, raisesRights });
  return after;
}
