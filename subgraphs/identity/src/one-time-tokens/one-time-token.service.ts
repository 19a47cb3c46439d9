import { dropMailsAbout, newId, TenantSuspended, Unauthenticated } from "@weft/shared";
import type { RowRef, Services, Tx } from "@weft/shared";
import { loginNameHash } from "../sessions/login-name.js";
import { issueOneTimeToken } from "./one-time-token.js";
import type { TokenPurpose } from "./one-time-token.js";
import { findTokenState, insertOneTimeToken, revokeOneTimeTokens, useOneTimeToken } from "./one-time-token.store.js";
import type { TokenState } from "./one-time-token.store.js";

export { findWaitingTokens } from "./one-time-token.store.js";
export type { WaitingToken } from "./one-time-token.store.js";

export interface MadeToken {
  /** UUID: what its mail is about. */
  readonly id: string;
  /** For the mail alone. */
  readonly token: string;
  readonly expiresAt: string;
}

/** Makes a token for a user whom the caller has locked. Those that the user had for the purpose are void, and their mails stay here. */
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

/** Makes void whatever was sent to a user and is not used yet. */
export async function voidOneTimeTokens(tx: Tx, userId: string): Promise<void> {
  await dropMailsAbout(tx, await revokeOneTimeTokens(tx, { userId }));
}

/** One answer for every reason: used, void, expired, of somebody who may not come any more. */
export const tokenRefused = (): Unauthenticated => new Unauthenticated("This link does not work any more. Ask for a new one.");

/**
 * What a token stands for, as long as it opens something: it is live, its user has the email that it went to, and who made it is still there: a person who
 * had to go shall not come back by an invitation of his own.
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

/** `openToken`, and then it is used up. The caller has locked the user before. @throws Unauthenticated, TenantSuspended */
export async function spendToken(tx: Tx, ref: RowRef, purpose: TokenPurpose): Promise<TokenState> {
  const state = await openToken(tx, ref, purpose);
  if (!(await useOneTimeToken(tx, ref.id))) throw tokenRefused();
  return state;
}
