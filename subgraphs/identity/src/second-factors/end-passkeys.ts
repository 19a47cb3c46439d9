/** Ends passkeys that perhaps somebody else has registered. A passkey is a way to log in, so it must not outlive what has proven its owner. */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { mailSecurityNotice } from "../notices/security-notice.js";
import { findUserForChange, recordFactorChange, type UserRow } from "../users/known-user.service.js";
import { deletePasskeysOfProvider, deletePasskeysOfUser, findPasskeysOfUser } from "./passkeys/passkey.store.js";
import { deleteRecoveryCodes, hasSecondFactor } from "./second-factor.store.js";

export { lockUsersOfProvider } from "./passkeys/passkey.store.js";

type NoticeContext = Pick<Context, "services" | "log">;

/** Returns how many passkeys a user has. */
export const countPasskeys = async (tx: Tx, userId: string): Promise<number> => (await findPasskeysOfUser(tx, userId)).length;

/**
 * Ends the passkeys that were registered in sessions of an identity provider, and tells their users. The caller has locked the users, and ends the sessions
 * and wakes the mail sender.
 */
export async function endPasskeysOfProvider(
  ctx: NoticeContext,
  tx: Tx,
  meta: WriteMeta,
  which: { readonly providerId: string; readonly userId?: string },
): Promise<void> {
  for (const userId of await deletePasskeysOfProvider(tx, which)) {
    const user = await findUserForChange(tx, userId);
    if (user === null) continue;
    const { after, isLast } = await recordEnd(tx, meta, user);
    const change = isLast ? "DISABLED" : "PASSKEY_REMOVED";
    await mailSecurityNotice(ctx, tx, meta, after, { template: "secondFactorChanged", change });
  }
}

/** Ends all passkeys of a locked user. Returns the user. */
export async function endPasskeysOfUser(tx: Tx, meta: WriteMeta, user: UserRow): Promise<UserRow> {
  return (await deletePasskeysOfUser(tx, user.id)) ? (await recordEnd(tx, meta, user)).after : user;
}

async function recordEnd(tx: Tx, meta: WriteMeta, user: UserRow): Promise<{ readonly after: UserRow; readonly isLast: boolean }> {
  const isLast = !(await hasSecondFactor(tx, user.id));
  if (isLast) await deleteRecoveryCodes(tx, user.id);
  return { after: await recordFactorChange(tx, meta, user, "user.removePasskey"), isLast };
}
