import { BadUserInput, Forbidden, Unauthenticated } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { asTenant } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { isDirectoryLogin } from "../directories/directory-link.service.js";
import { assertDirectoryPassword, findOwnDirectory, type OwnDirectory } from "../directories/own-directory.service.js";
import { assertPasswordsAccepted } from "../identity-providers/required.service.js";
import { givenFactor, limitedFactor, useFactor } from "../second-factors/prove-factor.js";
import type { GivenFactor } from "../second-factors/prove-factor.js";
import { findPasswordHash } from "../users/known-user.service.js";
import { assertOwnPassword } from "./passwords/own-password.js";
import { lockLogin, renewAuthentication } from "./session.store.js";
import { writeAs } from "./session-write.js";
import { limitedAttempt } from "./attempts/limited-attempt.js";
import { useSingleSignOnProof } from "../single-sign-on/proof.service.js";
import type { ReauthenticateInput, ReauthenticatePayload, SingleSignOnProofInput } from "./session.type.js";

/**
 * Records that the viewer has proven again who they are, with the password, also that of a directory, a code of the second factor, a passkey, or a new login
 * with an identity provider.
 * @throws BadUserInput (wrong), Forbidden (platform operators in a tenant, single sign-on is required, a temporary password), RateLimited, ServiceUnavailable
 */
export async function reauthenticate(
  ctx: Context,
  { password, code, passkey = null, singleSignOn }: ReauthenticateInput,
): Promise<ReauthenticatePayload> {
  if (ctx.viewer.operatorId !== null)
    throw new Forbidden("Platform operators cannot log in again here. Open another session with actAsTenant.");
  const given = [password, code, passkey, singleSignOn].filter((each) => each !== null && each !== undefined);
  if (given.length !== 1) {
    const message = "Give one of: the password, a code, the result of a passkey, or a login with an identity provider.";
    throw new BadUserInput([{ path: "input", message }]);
  }
  if (singleSignOn) return withSingleSignOn(ctx, singleSignOn);
  return typeof password === "string" ? withPassword(ctx, password) : withFactor(ctx, givenFactor({ code: code ?? null, passkey }));
}

async function withPassword(ctx: Context, password: string): Promise<ReauthenticatePayload> {
  const { tenantId, userId } = ctx.viewer;
  const { current, directory } = await asTenant(ctx.services.databases.app, { tenantId }, "read", async (tx) => ({
    current: await findPasswordHash(tx, userId),
    directory: await findOwnDirectory(ctx, tx, ctx.viewer),
  }));
  // Of two passwords, the one with which they have logged in.
  if (directory !== null && (directory.isOfSession || current === null)) return withDirectory(ctx, directory, password);
  if (current === null) throw new Forbidden("You have no password. Use a code or a passkey, or log in with your identity provider.");
  await assertPasswordsAccepted(ctx.services, { tenantId, userId });
  await assertOwnPassword(ctx, current, { password, path: "input.password", action: "session.reauthenticateFailed" });
  return writeAs(ctx, tenantId, async (tx) => {
    // A concurrent change of the password ends this session, or has happened in it.
    const known = await lockLogin(tx, userId, "SHARED");
    if (known?.passwordHash !== current) throw new Unauthenticated("The password was changed meanwhile.");
    // Whoever has chosen it knows it, too. The session was opened in another way.
    if (known.isPasswordTemporary) throw new Forbidden("Your password is temporary. Choose one of your own with changePassword first.");
    return renew(ctx, tx);
  });
}

async function withDirectory(ctx: Context, directory: OwnDirectory, password: string): Promise<ReauthenticatePayload> {
  const { tenantId, userId } = ctx.viewer;
  await assertDirectoryPassword(ctx, directory, { password, path: "input.password" });
  return writeAs(ctx, tenantId, async (tx) => {
    const proven = { version: directory.provider.version, subject: directory.subject };
    if (!(await isDirectoryLogin(tx, { providerId: directory.provider.id, userId, proven })))
      throw new Forbidden("You can no longer log in with this directory. Use a code or a passkey, or log in with your identity provider.");
    return renew(ctx, tx);
  });
}

function withFactor(ctx: Context, given: GivenFactor): Promise<ReauthenticatePayload> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  return limitedFactor(ctx, { tenantId, userId }, () =>
    writeAs(ctx, tenantId, async (tx) => {
      await useFactor(ctx, tx, { tenantId, userId }, { given, use: { purpose: "SESSION", tenantId, userId, id: sessionId } });
      return renew(ctx, tx);
    }),
  );
}

function withSingleSignOn(ctx: Context, { code, codeVerifier }: SingleSignOnProofInput): Promise<ReauthenticatePayload> {
  const isGuess = (error: unknown): boolean => error instanceof BadUserInput;
  const { tenantId } = ctx.viewer;
  const run = () =>
    writeAs(ctx, tenantId, async (tx) => {
      await useSingleSignOnProof(ctx, tx, { code, codeVerifier, path: "input.singleSignOn.code" });
      return renew(ctx, tx);
    });
  return limitedAttempt(ctx, code, run, isGuess);
}

async function renew(ctx: Context, tx: Parameters<typeof renewAuthentication>[0]): Promise<ReauthenticatePayload> {
  const { sessionId, userId } = ctx.viewer;
  const renewed = await renewAuthentication(tx, { id: sessionId });
  if (!renewed) throw new Unauthenticated("This session has ended. Log in again.");
  await writeAudit(tx, ctx.meta, [
    { action: "session.reauthenticate", entityType: "session", entityId: sessionId, before: { userId }, after: { userId } },
  ]);
  return renewed;
}
