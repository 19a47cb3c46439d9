import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { countLiveKeysOfUser, endApiKeysOfUser } from "../api-keys/end-api-keys.js";
import { voidOneTimeTokens } from "../one-time-tokens/one-time-token.service.js";
import { countPasskeys } from "../second-factors/end-passkeys.js";
import { deleteSecondFactors, findTotp } from "../second-factors/prove-factor.js";
import { endSessions } from "../sessions/logout.service.js";
import { type proveOwner, recordFactorChange, type UserRow } from "../users/known-user.service.js";
import { countIdentities } from "./identities/user-identity.store.js";
import { deleteUserIdentities } from "./single-sign-on.store.js";

/** Returns what can be used to become the user, or keeps others from it, apart from the password and the mailbox. */
export const findWaysIn = async (
  tx: Tx,
  userId: string,
): Promise<{ readonly apiKeys: number; readonly passkeys: number; readonly identities: number; readonly hasApp: boolean }> => ({
  apiKeys: await countLiveKeysOfUser(tx, userId),
  passkeys: await countPasskeys(tx, userId),
  identities: await countIdentities(tx, userId),
  hasApp: (await findTotp(tx, userId)) !== null,
});

/**
 * Takes from a locked user whatever others could use to become the user: links by email, second factors, accounts of identity providers, the password, API
 * keys and sessions. The caller announces after the commit what has ended.
 * @param forget removes the password and raises the version of the rights
 */
export async function removeWaysIn(
  tx: Tx,
  meta: WriteMeta,
  user: UserRow,
  { reason, forget }: { readonly reason: "EMAIL_PROVEN" | "USER_DISABLED"; readonly forget: typeof proveOwner },
): Promise<{ readonly after: UserRow; readonly endedIds: readonly string[] }> {
  await voidOneTimeTokens(tx, user.id);
  const known = (await deleteSecondFactors(tx, user.id)) ? await recordFactorChange(tx, meta, user, "user.resetSecondFactors") : user;
  const unlinked = await deleteUserIdentities(tx, user.id);
  await writeAudit(
    tx,
    meta,
    unlinked.map((providerId) => ({
      action: "identityProvider.unlinkUser",
      entityType: "identityProvider" as const,
      entityId: providerId,
      before: { userId: user.id, providerId },
      after: null,
    })),
  );
  const after = await forget(tx, meta, known);
  const keyIds = await endApiKeysOfUser(tx, meta, user.id);
  return { after, endedIds: [...keyIds, ...(await endSessions({ meta }, tx, { userId: user.id }, reason))] };
}
