import { TenantSuspended, Unauthenticated } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { issueAccessToken } from "@weft/platform/tokens";
import type { Context } from "@weft/api/context";
import { keepsDirectorySession } from "../directories/own-directory.service.js";
import { isExemptFromSingleSignOn, isSingleSignOnConfigured } from "../identity-providers/required.service.js";
import { announceRevocations } from "../revocations.js";
import { sessionLimitsOf } from "./session-limits.service.js";
import { issueRefreshToken, readRefreshToken } from "./refresh-token.js";
import type { RefreshTokenRef } from "./refresh-token.js";
import {
  findRotation,
  insertRefreshToken,
  lockSessionOfToken,
  markRefreshTokenUsed,
  revokeSessions,
  touchSession,
} from "./session.store.js";
import type { LockedSession, SessionLimits } from "./session.store.js";
import { metaOf, writeAs } from "./session-write.js";
import type { RefreshSessionPayload } from "./session.type.js";

/** Period in which a second tab that presents the same token receives the same successor. */
const graceSeconds = 10;

const refusal = "The refresh token is no longer valid. Log in again.";

/** Result of a refresh. A reused token is a result, not an exception, because its revocation must be committed. */
type Outcome =
  | { readonly kind: "issued"; readonly session: LockedSession; readonly tokenId: string; readonly directoryId: string | null }
  | { readonly kind: "reused"; readonly session: LockedSession }
  | { readonly kind: "suspended" }
  | { readonly kind: "refused" };

/**
 * Renews a session: uses the token up and issues its successor. A token that is presented twice ends the session, because one of the two clients must
 * have stolen it. The exception is two tabs that refresh at the same time.
 * @throws Unauthenticated, TenantSuspended
 */
export async function refreshSession(ctx: Context, refreshToken: string): Promise<RefreshSessionPayload> {
  const ref = readRefreshToken(ctx.services.keys.refresh, refreshToken);
  if (!ref) throw new Unauthenticated(refusal);
  const limits = await sessionLimitsOf(ctx, ref.tenantId);
  const isSingleSignOnRequired = await isSingleSignOnConfigured(ctx.services, ref.tenantId);
  const outcome = await writeAs(ctx, ref.tenantId, (tx) => rotate(ctx, tx, { ref, ...limits, isSingleSignOnRequired }));
  switch (outcome.kind) {
    case "issued":
      if (!(await isStillInDirectory(ctx, ref.tenantId, outcome))) throw new Unauthenticated(refusal);
      return {
        ...(await issueAccessToken(ctx.services.keys.access, {
          userId: outcome.session.userId,
          tenantId: ref.tenantId,
          sessionId: outcome.session.id,
          issuedAtSeconds: outcome.session.issuedAtSeconds,
        })),
        refreshToken: issueRefreshToken(ctx.services.keys.refresh, { tenantId: ref.tenantId, id: outcome.tokenId }),
      };
    case "reused":
      await announceRevocations(ctx.services, [{ tenantId: ref.tenantId, sessionId: outcome.session.id }]);
      throw new Unauthenticated("This refresh token was already used, so its session was ended. Log in again.");
    case "suspended":
      throw new TenantSuspended();
    case "refused":
      throw new Unauthenticated(refusal);
    default:
      return outcome satisfies never;
  }
}

/** Asks the directory on whose behalf the session was opened, if there is one. Without a transaction, so after the rotation, which ends with the session. */
async function isStillInDirectory(
  ctx: Context,
  tenantId: string,
  { session: { id: sessionId, userId }, directoryId: providerId }: Extract<Outcome, { kind: "issued" }>,
): Promise<boolean> {
  return providerId === null || keepsDirectorySession(ctx, { tenantId, userId, sessionId, providerId });
}

interface Rotating extends SessionLimits {
  readonly ref: RefreshTokenRef;
  readonly isFactorRequired: boolean;
  readonly isSingleSignOnRequired: boolean;
}

async function rotate(
  ctx: Context,
  tx: Tx,
  { ref: { tenantId, id }, sessionSeconds, idleSeconds, isFactorRequired, isSingleSignOnRequired }: Rotating,
): Promise<Outcome> {
  const session = await lockSessionOfToken(tx, { tokenId: id, sessionSeconds, idleSeconds });
  const rotation = session?.isOpen ? await findRotation(tx, { tokenId: id, graceSeconds }) : null;
  if (!session || rotation?.userStatus !== "ACTIVE") return { kind: "refused" };
  // Sessions that a password has opened before it was refused.
  const isRefused = isSingleSignOnRequired && rotation.hasActiveProvider && !rotation.isByProvider && !isExemptFromSingleSignOn(rotation);
  if (isRefused) return { kind: "refused" };
  if (rotation.tenantStatus === "SUSPENDED") return { kind: "suspended" };
  if (rotation.tenantStatus !== "ACTIVE" || (rotation.isExpired && !rotation.isUsed)) return { kind: "refused" };
  if (!rotation.isUsed) {
    const tokenId = newId();
    await markRefreshTokenUsed(tx, id);
    await insertRefreshToken(tx, { tenantId, id: tokenId, sessionId: session.id, predecessorId: id, lifetimeSeconds: idleSeconds });
    await touchSession(tx, session, { isFactorRequired });
    return { kind: "issued", session, tokenId, directoryId: rotation.directoryId };
  }
  if (rotation.isUsedJustNow && rotation.successorId && !rotation.isSuccessorUsed) {
    return { kind: "issued", session, tokenId: rotation.successorId, directoryId: rotation.directoryId };
  }
  await endReusedSession(ctx, tx, tenantId, session);
  return { kind: "reused", session };
}

async function endReusedSession(ctx: Context, tx: Tx, tenantId: string, { id: sessionId, userId }: LockedSession): Promise<void> {
  const meta = metaOf(ctx, { tenantId, userId, sessionId });
  const reason = "REFRESH_REUSED";
  const related = { user: userId };
  await revokeSessions(tx, { ids: [sessionId] }, reason);
  await writeAudit(tx, meta, [
    {
      action: "session.refreshReused",
      entityType: "session",
      entityId: sessionId,
      before: { userId },
      after: { userId, revokedReason: reason },
    },
  ]);
  await appendEvents(tx, meta, [
    { type: "session.refresh_reused", subjectId: sessionId, subjectVersion: 2, related, payload: { sessionId, userId } },
    { type: "session.ended", subjectId: sessionId, subjectVersion: 3, related, payload: { sessionId, userId, reason } },
  ]);
}
