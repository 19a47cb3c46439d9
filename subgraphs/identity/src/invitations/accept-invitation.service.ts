import { BadUserInput } from "@weft/shared/errors";
import { asTenant } from "@weft/platform/db";
import { networkOf } from "@weft/platform/fairness";
import type { Context } from "@weft/api/context";
import { assertPasswordsAccepted, isPasswordRefused, passwordsRefused } from "../identity-providers/required.service.js";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { openToken, spendToken, tokenRefused } from "../one-time-tokens/one-time-token.service.js";
import { limitedAttempt } from "../sessions/attempts/limited-attempt.js";
import { openSessionByPassword } from "../sessions/login.service.js";
import { loginNameHash } from "../sessions/login-name.js";
import { hashingTurnOf } from "../sessions/passwords/hashing-places.js";
import { hashPassword } from "../sessions/passwords/password.js";
import { newPasswordProblems } from "../sessions/passwords/password-rule.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { activateInvitedUser, findNamesAroundUser, findUserForChange } from "../users/known-user.service.js";
import { nameProblems } from "../users/user-problems.js";
import type { AcceptInvitationInput } from "./invitation.input.js";
import type { NewUserLoginPayload } from "../registrations/registration.type.js";

/**
 * Accepts an invitation: sets a password and opens a session, with the roles and teams that the user has now. The link works once; of two concurrent
 * calls one succeeds.
 * @throws BadUserInput, Unauthenticated (the same for every invalid link), Forbidden (single sign-on is required), TenantSuspended, RateLimited,
 * MfaRequired (the user has a second factor)
 */
export async function acceptInvitation(ctx: Context, input: AcceptInvitationInput): Promise<NewUserLoginPayload> {
  const name = typeof input.name === "string" ? input.name.trim() : null;
  const { config, databases, keys } = ctx.services;
  return limitedAttempt(ctx, input.token, async () => {
    const ref = readOneTimeToken("INVITATION", keys.refresh, input.token);
    if (ref === null) throw tokenRefused();
    const { tenantId } = ref;
    // Checked before hashing, which is expensive, and again afterwards.
    const { userId, slug, names } = await asTenant(databases.app, { tenantId }, "read", async (tx) => {
      const state = await openToken(tx, ref, "INVITATION");
      return { ...state, names: await findNamesAroundUser(tx, state.userId) };
    });
    await assertPasswordsAccepted(ctx.services, { tenantId, userId });
    const problems = [
      ...(name === null ? [] : nameProblems(name)),
      ...(await newPasswordProblems(
        ctx.services,
        { tenantId },
        { password: input.password, path: "input.password", names: [...names, name ?? ""] },
      )),
    ];
    if (problems.length > 0) throw new BadUserInput(problems);
    const passwordHash = await hashPassword(input.password, config.passwordCost, hashingTurnOf(ctx));
    const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
    const { email } = await writeAs(ctx, tenantId, async (tx) => {
      const user = await findUserForChange(tx, userId);
      await spendToken(tx, ref, "INVITATION");
      if (user?.status !== "INVITED") throw tokenRefused();
      // The invitation stays, for a login with the identity provider.
      if (await isPasswordRefused(ctx.services, tx, user)) throw passwordsRefused();
      return activateInvitedUser(tx, meta, user, { name, passwordHash });
    });
    const attempt = { nameHash: loginNameHash(email), address: networkOf(ctx.address ?? "unknown") };
    return Object.assign(await openSessionByPassword(ctx, { tenantId, userId, passwordHash }, attempt), { slug });
  });
}
