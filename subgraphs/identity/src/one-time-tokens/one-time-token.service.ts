import { TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { newId, type RowRef } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { dropMailsAbout } from "@weft/platform/mail";
import type { Services } from "@weft/platform/services";
import { loginNameHash } from "../sessions/login-name.js";
import { issueOneTimeToken } from "./one-time-token.js";
import type { TokenPurpose } from "./one-time-token.js";
import { findTokenState, insertOneTimeToken, revokeOneTimeTokens, useOneTimeToken } from "./one-time-token.store.js";
import type { TokenState } from "./one-time-token.store.js";

export { findWaitingTokens } from "./one-time-token.store.js";
export type { WaitingToken } from "./one-time-token.store.js";

export interface MadeToken {
  /** UUID, which the email references. */
  readonly id: string;
  /** Only for the email. */
  readonly token: string;
  readonly expiresAt: string;
}

/** Creates a token for a user whom the caller has locked. Invalidates the user's earlier tokens for the same purpose and cancels their unsent emails. */
export async function makeOneTimeToken(
  tx: Tx,
  keys: Pick<Services["keys"], "refresh">,
  {
    user,
    purpose,
    createdBy,
    lifetimeSeconds,
  }: {
    readonly user: { readonly tenantId: string; readonly id: string; readonly email: string };
    readonly purpose: TokenPurpose;
    readonly createdBy: string | null;
    readonly lifetimeSeconds: number;
  },
): Promise<MadeToken> {
  await dropMailsAbout(tx, await revokeOneTimeTokens(tx, { userId: user.id, purpose }));
  const id = newId();
  const { tenantId } = user;
  const row = { tenantId, id, userId: user.id, purpose, emailHash: loginNameHash(user.email), createdBy, lifetimeSeconds };
  const { expiresAt } = await insertOneTimeToken(tx, row);
  return { id, token: issueOneTimeToken(purpose, keys.refresh, { tenantId, id }), expiresAt };
}

/** Invalidates all unused tokens sent to a user, or those for one purpose. */
export async function voidOneTimeTokens(tx: Tx, userId: string, purpose?: TokenPurpose): Promise<void> {
  await dropMailsAbout(tx, await revokeOneTimeTokens(tx, { userId, ...(purpose !== undefined && { purpose }) }));
}

/** One error for all reasons: used, replaced, expired, or the user no longer has access. */
export const tokenRefused = (): Unauthenticated => new Unauthenticated("This link is no longer valid. Request a new one.");

/**
 * Returns the state of a token if it is valid: it is live, its user still has the email address to which it was sent, and its creator is still
 * active. The last condition prevents users who were deactivated from coming back through an invitation of their own.
 * @throws Unauthenticated, TenantSuspended
 */
export async function openToken(tx: Tx, { id }: RowRef, purpose: TokenPurpose): Promise<TokenState> {
  const state = await findTokenState(tx, id);
  if (!state?.isLive || state.purpose !== purpose || state.tenantStatus === "ARCHIVED") throw tokenRefused();
  if (state.emailHash !== loginNameHash(state.email)) throw tokenRefused();
  if (state.creatorStatus !== null && state.creatorStatus !== "ACTIVE") throw tokenRefused();
  if (state.tenantStatus === "SUSPENDED") throw new TenantSuspended();
  return state;
}

/**
 * Does the same as `openToken`, and uses the token up. The caller has locked the user before.
 * @throws Unauthenticated, TenantSuspended
 */
export async function spendToken(tx: Tx, ref: RowRef, purpose: TokenPurpose): Promise<TokenState> {
  const state = await openToken(tx, ref, purpose);
  if (!(await useOneTimeToken(tx, ref.id))) throw tokenRefused();
  return state;
}
