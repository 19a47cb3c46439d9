import { Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { wakeMailSender } from "@weft/platform/mail";
import { lockRights } from "@weft/platform/rights";
import type { Context } from "@weft/api/context";
import type { IdInput } from "@weft/api/inputs";
import { shareIdentityProvider } from "../../identity-providers/identity-provider.service.js";
import { isPasswordRefused } from "../../identity-providers/required.service.js";
import { announceRevocations } from "../../revocations.js";
import { endPasskeysOfProvider } from "../../second-factors/end-passkeys.js";
import { endSessions } from "../../sessions/logout.service.js";
import { findPasswordHash, findUserForChange } from "../../users/known-user.service.js";
import { openUser, type UserRow, watchedUsers } from "../../users/user.service.js";
import { voidProviderLogins } from "../single-sign-on.store.js";
import { deleteIdentity, findIdentitiesOfUsers, findIdentity, hasOtherIdentity, type UserIdentityRow } from "./user-identity.store.js";
import type { UnlinkUserIdentityInput } from "./user-identity.type.js";

/** Loads the accounts of a user, oldest first. Null if the viewer cannot see them. */
export const loadIdentities = (ctx: Context, userUuid: string): Promise<readonly UserIdentityRow[] | null> =>
  ctx
    .loader("identity.identitiesOfUser", (tx, ids: readonly string[]) => findIdentitiesOfUsers(tx, watchedUsers(ctx.viewer, ids)))
    .load(userUuid);

/** Removes an account from the viewer. Their current session stays. @throws NotFound, Conflict (they could no longer log in) */
export async function unlinkIdentity(ctx: Context, input: IdInput): Promise<UserRow> {
  const id = decodeId("userIdentity", input.id, "input.id");
  const { tenantId, userId, sessionId } = ctx.viewer;
  return unlink(ctx, async (tx) => {
    // Like at a login with the provider, which would otherwise go on with the account that is removed.
    await lockRights(tx, tenantId);
    // Locked, so that of two accounts that are removed at the same time, the second is found to be the last.
    const user = await findUserForChange(tx, userId);
    const identity = await findIdentity(tx, { id, userId });
    if (user === null || identity === null) throw new NotFound("UserIdentity", input.id);
    if (!(await hasOtherIdentity(tx, { id, userId })) && !(await canUsePassword(ctx, tx, user)))
      throw new Conflict(
        "Without it, you could not log in, except with a passkey, which can be lost. Set a password first, or ask an administrator to remove it.",
      );
    return { user, identity, exceptId: sessionId };
  });
}

/** Removes an account from a user, on behalf of an administrator. @throws NotFound, Forbidden (a user with more rights) */
export async function unlinkUserIdentity(ctx: Context, input: UnlinkUserIdentityInput): Promise<UserRow> {
  const userId = decodeId("user", input.userId, "input.userId");
  const id = decodeId("userIdentity", input.identityId, "input.identityId");
  return unlink(ctx, async (tx) => {
    const { before } = await openUser(ctx, tx, userId, {});
    const identity = await findIdentity(tx, { id, userId });
    if (identity === null) throw new NotFound("UserIdentity", input.identityId);
    return { user: before, identity };
  });
}

async function canUsePassword(ctx: Context, tx: Tx, user: UserRow): Promise<boolean> {
  return (await findPasswordHash(tx, user.id)) !== null && !(await isPasswordRefused(ctx.services, tx, user));
}

interface Unlinked {
  readonly user: UserRow;
  readonly identity: UserIdentityRow;
  /** Session that stays. */
  readonly exceptId?: string;
}

/** Removes the account that `open` returns, with what it has opened: sessions, passkeys registered in them, and logins whose code is not exchanged yet. */
async function unlink(ctx: Context, open: (tx: Tx) => Promise<Unlinked>): Promise<UserRow> {
  const { tenantId } = ctx.viewer;
  const { user, ended } = await ctx.inTenant(async (tx) => {
    const { user, identity, exceptId } = await open(tx);
    const { providerId, issuer, subject } = identity;
    // Locked before the rows that depend on it, like at a login.
    const provider = await shareIdentityProvider(tx, providerId);
    if (provider === null) throw new NotFound("UserIdentity", encodeId("userIdentity", identity.id));
    await voidProviderLogins(tx, { providerId, issuer, providerSession: null, subject });
    await deleteIdentity(tx, identity.id);
    const which = { userId: user.id, providerId, ...(exceptId !== undefined && { exceptId }) };
    await endPasskeysOfProvider(ctx, tx, ctx.meta, { providerId, userId: user.id });
    const ended = await endSessions(ctx, tx, which, "IDENTITY_UNLINKED");
    const image = { userId: user.id, providerId };
    await writeAudit(tx, ctx.meta, [
      { action: "identityProvider.unlinkUser", entityType: "identityProvider", entityId: providerId, before: image, after: null },
    ]);
    await appendEvents(tx, ctx.meta, [
      {
        type: "identityProvider.user_unlinked",
        subjectId: providerId,
        subjectVersion: provider.version,
        related: { user: user.id },
        payload: { userId: user.id },
      },
    ]);
    const after = (await findUserForChange(tx, user.id)) ?? user;
    return { user: after, ended };
  });
  await announceRevocations(
    ctx.services,
    ended.map((sessionId) => ({ tenantId, sessionId })),
  );
  wakeMailSender(ctx.services);
  return user;
}
