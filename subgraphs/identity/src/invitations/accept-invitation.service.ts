import { asTenant, BadUserInput } from "@weft/shared";
import type { Context } from "@weft/shared";
import { readOneTimeToken } from "../one-time-tokens/one-time-token.js";
import { openToken, spendToken, tokenRefused } from "../one-time-tokens/one-time-token.service.js";
import { limitedAttempt } from "../sessions/limited-attempt.js";
import { openSession } from "../sessions/login.service.js";
import { hashPassword } from "../sessions/password.js";
import { newPasswordProblems } from "../sessions/password-rule.js";
import { metaOf, writeAs } from "../sessions/session-write.js";
import { activateInvitedUser, findUserForChange } from "../users/known-user.service.js";
import { nameProblems } from "../users/user-problems.js";
import type { AcceptInvitationInput, AcceptInvitationPayload } from "./invitation.input.js";

/**
 * Lets an invited user in: with a password, roles and teams as they are now, and a session. The link works once; of two who come with it at the same
 * moment one is in.
 * @throws BadUserInput, Unauthenticated (one answer for every link that does not work), TenantSuspended, RateLimited
 */
export async function acceptInvitation(ctx: Context, input: AcceptInvitationInput): Promise<AcceptInvitationPayload> {
  const name = typeof input.name === "string" ? input.name.trim() : null;
  const { config, databases, keys } = ctx.services;
  return limitedAttempt(ctx, input.token, async () => {
    const ref = readOneTimeToken("INVITATION", keys.refresh, input.token);
    if (ref === null) throw tokenRefused();
    const { tenantId } = ref;
    // Before hashing, which is dear, and again with it.
    const { userId, slug } = await asTenant(databases.app, { tenantId }, "read", (tx) => openToken(tx, ref, "INVITATION"));
    const problems = [
      ...(name === null ? [] : nameProblems(name)),
      ...(await newPasswordProblems(ctx.services, { tenantId }, input.password, "input.password")),
    ];
    if (problems.length > 0) throw new BadUserInput(problems);
    const passwordHash = await hashPassword(input.password, config.passwordCost);
    const meta = metaOf(ctx, { tenantId, userId, sessionId: null });
    await writeAs(ctx, tenantId, async (tx) => {
      const user = await findUserForChange(tx, userId);
      await spendToken(tx, ref, "INVITATION");
      if (user?.status !== "INVITED") throw tokenRefused();
      await activateInvitedUser(tx, meta, user, { name, passwordHash });
    });
    return Object.assign(await openSession(ctx, { tenantId, userId }), { slug });
  });
}
