import { asTenant, BadUserInput } from "@weft/shared";
import type { Context } from "@weft/shared";
import { assertPasswordsAccepted, isPasswordRefused, passwordsRefused } from "../identity-providers/required.service.js";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { openToken, spendToken, tokenRefused } from "../one-time-tokens/one-time-token.service.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { openSession } from "../sessions/login.service.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { activateInvitedUser, findUserForChange } from "../users/known-user.service.js";
import { nameProblems } from "../users/user-problems.js";
import type { AcceptInvitationInput, AcceptInvitationPayload } from "./invitation.input.js";

/**
 * Accepts an invitation: sets a password and opens a session, with the roles and teams that the user has now. The link works once; of two concurrent
 * calls one succeeds.
 * @throws BadUserInput, Unauthenticated (the same for every invalid link), Forbidden (single sign-on is required), TenantSuspended, RateLimited
 */
export async function acceptInvitation(ctx: Context, input: AcceptInvitationInput): Promise<AcceptInvitationPayload> {
  const name = typeof input.name === "string" ? input.name.trim() : null;
  const { config, databases, keys } = ctx.services;
  return limitedAttempt(ctx, input.token, async () => {
    const ref = readOneTimeToken("INVITATION", keys.refresh, input.token);
    if (ref === null) throw tokenRefused();
    const { tenantId } = ref;
    // Checked before hashing, which is expensive, and again afterwards.
    const { userId, slug } = await asTenant(databases.app, { tenantId }, "read", (tx) => openToken(tx, ref, "INVITATION"));
    await assertPasswordsAccepted(ctx.services, { tenantId, userId });
    const problems = [
      ...(name === null ? [] : nameProblems(name)),
      ...(await newPasswordProblems(ctx.services, { tenantId }, input.password, "input.password")),
    ];
    if (problems.length > 0) throw new BadUserInput(problems);
    const passwordHash = await hashPassword(input.password, config.passwordCost, hashingTurnOf(ctx));
    const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
    await writeAs(ctx, tenantId, async (tx) => {
      const user = await findUserForChange(tx, userId);
      await spendToken(tx, ref, "INVITATION");
      if (user?.status !== "INVITED") throw tokenRefused();
      // The invitation stays, for a login with the identity provider.
      if (await isPasswordRefused(ctx.services, tx, user)) throw passwordsRefused();
      await activateInvitedUser(tx, meta, user, { name, passwordHash });
    });
    return Object.assign(await openSession(ctx, { tenantId, userId, passwordHash }), { slug });
  });
}
