import type { Tx, WriteMeta } from "@weft/shared";
import { findRoleIdsOfUser } from "./membership.store.js";
import { findUserOfLogin, recordChange, writeChanges } from "./user.service.js";
import type { UserChanges } from "./user.service.js";
import { isUsernameTaken, lockUser, lockUsername, markEmailVerified } from "./user.store.js";
import type { UserRow } from "./user.store.js";

export type { UserRow } from "./user.store.js";

/** Changes of users that a token allows, and not a viewer's permission. The caller has checked the token. */

/** The user, locked; null when there is none. */
export function findUserForChange(tx: Tx, id: string): Promise<UserRow | null> {
  return lockUser(tx, id);
}

/** The user name that a new user gets who names none: the part of the email before the @, or the whole of it when somebody has that. */
export async function freeUsername(tx: Tx, { email, username }: { email: string; username: string }): Promise<string> {
  await lockUsername(tx, username);
  return (await isUsernameTaken(tx, username)) ? email : username;
}

/** An invited user comes in, with a password of his own. The mail that he has answered shows that the email is his. */
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

/** The user has answered a mail to the present email. */
export async function verifyUserEmail(tx: Tx, meta: WriteMeta, before: UserRow): Promise<UserRow> {
  if (before.emailVerifiedAt !== null) return before;
  await markEmailVerified(tx, before.id);
  return write(tx, meta, before, { action: "user.verifyEmail", changes: {} });
}

/** Something about the user's invitation has changed: a new version, so that whoever has read the old one reads again. */
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
