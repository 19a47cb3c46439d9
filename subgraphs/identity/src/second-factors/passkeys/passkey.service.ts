/** Passkeys of users (WebAuthn Level 3): second factors that also work without the password. See OWASP ASVS 5.0, V6.5. */
import { BadUserInput, Conflict, LimitExceeded, NotFound } from "@weft/shared/errors";
import { decodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, type Tx } from "@weft/platform/db";
import { wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { mailSecurityNotice } from "../../notices/security-notice.js";
import { announceRevocations } from "../../revocations.js";
import { limitedAttempt } from "../../sessions/attempts/limited-attempt.js";
import { renewAuthentication } from "../../sessions/login.service.js";
import { endSessions } from "../../sessions/logout.service.js";
import { openPendingLogin } from "../../sessions/pending/pending-login.service.js";
import { writeAs } from "../../sessions/session-write.js";
import { recordFactorChange, type UserRow } from "../../users/known-user.service.js";
import { nameProblems } from "../../users/user-problems.js";
import { assertIsThemselves, lockOwnUser, replaceRecoveryCodes, requirementOf } from "../own-user.js";
import { hasSecondFactor } from "../prove-factor.js";
import type { FactorInput } from "../prove-factor.js";
import { assertNotRequired, findOwnFactors, withFactor, withOwnFactor } from "../second-factor.service.js";
import { deletePendingTotp, deleteRecoveryCodes, findTotp } from "../second-factor.store.js";
import type { SecondFactors } from "../second-factor.type.js";
import { issueChallenge, readChallenge } from "./challenge.js";
import type { ChallengeUse } from "./challenge.js";
import type { RegisterPasskeyPayload, RemovePasskeyInput } from "./passkey.input.js";
import {
  CredentialTaken,
  deletePasskey,
  findPasskeysOfUser,
  insertPasskey,
  renamePasskey as rename,
  useChallenge,
} from "./passkey.store.js";
import type { PasskeyRow } from "./passkey.store.js";
import { type Passkey, type RegisterPasskeyInput, type RenamePasskeyInput, toPasskey } from "./passkey.type.js";
import { relyingPartyOf } from "./prove-passkey.js";
import { answeredChallenge, assertionOptions, readRegistration, registrationOptions, verifyRegistration } from "./webauthn.js";
import type { CreatedCredential } from "./webauthn.js";

/** Passkeys per user. */
const maxPasskeys = 20;

const sessionUse = ({ viewer }: Context, purpose: "REGISTRATION" | "FURTHER_REGISTRATION" | "SESSION"): ChallengeUse => ({
  purpose,
  tenantId: viewer.tenantId,
  userId: viewer.userId,
  id: viewer.sessionId,
});

/**
 * Begins the registration of a passkey in this session. Returns the options for the browser.
 * @throws BadUserInput (a wrong factor, or none if the viewer has one), Forbidden, LimitExceeded, RateLimited
 */
export async function startPasskeyRegistration(ctx: Context, input: FactorInput): Promise<object> {
  const { tenantId, tenantSlug, userId } = ctx.viewer;
  const relyingParty = relyingPartyOf(ctx.services.config);
  const assertAllowed = async (tx: Tx): Promise<void> => assertRoom(await findPasskeysOfUser(tx, userId));
  const change = async (tx: Tx, own: UserRow) => ({
    user: own,
    known: await findPasskeysOfUser(tx, userId),
    purpose: (await hasSecondFactor(tx, userId)) ? ("FURTHER_REGISTRATION" as const) : ("REGISTRATION" as const),
  });
  const { user, known, purpose } = await withOwnFactor(ctx, input, { assertAllowed, change });
  return registrationOptions(relyingParty, {
    owner: { tenantId, userId },
    challenge: issueChallenge(ctx.services.keys.refresh, sessionUse(ctx, purpose)),
    known,
    rpName: `Weft (${tenantSlug})`,
    userName: user.email,
    userDisplayName: user.name,
  });
}

const assertRoom = ({ length }: readonly PasskeyRow[]): void => {
  if (length >= maxPasskeys) throw new LimitExceeded({ limit: "passkeys", used: length, allowed: maxPasskeys });
};

const notAccepted = (): BadUserInput =>
  new BadUserInput([{ path: "input.response", message: "This passkey was not accepted. Request new options, and try again." }]);

/**
 * Registers a passkey. If it is the first second factor of the viewer, ends the viewer's other sessions, and returns recovery codes, which are returned
 * only here.
 * @throws BadUserInput (also if the registration is not valid), Conflict (already registered), Forbidden, LimitExceeded
 */
export async function registerPasskey(ctx: Context, input: RegisterPasskeyInput): Promise<RegisterPasskeyPayload> {
  const { config, keys } = ctx.services;
  const relyingParty = relyingPartyOf(config);
  assertIsThemselves(ctx);
  const name = input.name.trim();
  const problems = nameProblems(name);
  if (problems.length > 0) throw new BadUserInput(problems);
  const registration = readRegistration(input.response, "input.response");
  const expectedChallenge = answeredChallenge(registration);
  if (expectedChallenge === null) throw notAccepted();
  const further = readChallenge(keys.refresh, sessionUse(ctx, "FURTHER_REGISTRATION"), expectedChallenge);
  const challenge = further ?? readChallenge(keys.refresh, sessionUse(ctx, "REGISTRATION"), expectedChallenge);
  if (challenge === null) throw notAccepted();
  const created = await verifyRegistration(relyingParty, registration, expectedChallenge);
  if (!created) throw notAccepted();
  const { tenantId, userId, sessionId } = ctx.viewer;
  const { row, recoveryCodes, ended } = await writeAs(ctx, tenantId, async (tx) => {
    const user = await lockOwnUser(ctx, tx);
    const isFirst = !(await hasSecondFactor(tx, userId));
    // A factor that the user has got meanwhile was not proven at the beginning.
    if (!isFirst && further === null) throw notAccepted();
    const { hash: challengeHash, expiresAtSeconds } = challenge;
    if (!(await useChallenge(tx, { tenantId, userId, challengeHash, expiresAtSeconds }))) throw notAccepted();
    return addPasskey(ctx, tx, { user, created, name, isFirst });
  });
  // Also of this session, which may have been restricted.
  await announceRevocations(
    ctx.services,
    [sessionId, ...ended].map((id) => ({ tenantId, sessionId: id })),
  );
  wakeMailSender(ctx.services);
  return { passkey: toPasskey(row), recoveryCodes, secondFactors: await findOwnFactors(ctx) };
}

/** Stores a passkey of the locked viewer, with all that follows from a first second factor. */
async function addPasskey(
  ctx: Context,
  tx: Tx,
  {
    user,
    created,
    name,
    isFirst,
  }: { readonly user: UserRow; readonly created: CreatedCredential; readonly name: string; readonly isFirst: boolean },
): Promise<{ row: PasskeyRow; recoveryCodes: string[] | null; ended: readonly string[] }> {
  const { tenantId, userId, sessionId } = ctx.viewer;
  assertRoom(await findPasskeysOfUser(tx, userId));
  const values = { ...created, transports: [...created.transports] };
  const row = await insertPasskey(tx, { tenantId, id: newId(), userId, name, ...values }, sessionId).catch((error: unknown) => {
    throw error instanceof CredentialTaken ? new Conflict("This passkey is already registered.") : error;
  });
  const recoveryCodes = isFirst ? await replaceRecoveryCodes(tx, { tenantId, userId }) : null;
  let ended: readonly string[] = [];
  if (isFirst) {
    // It could be confirmed without the passkey.
    await deletePendingTotp(tx, userId);
    // Sessions opened with the password alone must not outlive it, except this one, which has just shown the passkey.
    await renewAuthentication(tx, { id: sessionId, enrolled: "PASSKEY" });
    ended = await endSessions(ctx, tx, { userId, exceptId: sessionId }, "SECOND_FACTOR_ENABLED");
  }
  const after = await recordFactorChange(tx, ctx.meta, user, "user.addPasskey");
  await mailSecurityNotice(ctx, tx, ctx.meta, after, { template: "secondFactorChanged", change: "PASSKEY_ADDED" });
  return { row, recoveryCodes, ended };
}

/** Renames a passkey of the viewer. @throws BadUserInput, NotFound, Forbidden */
export async function renamePasskey(ctx: Context, { id, ...input }: RenamePasskeyInput): Promise<Passkey> {
  const uuid = decodeId("passkey", id, "input.id");
  const name = input.name.trim();
  const problems = nameProblems(name);
  if (problems.length > 0) throw new BadUserInput(problems);
  const { tenantId, userId } = ctx.viewer;
  return writeAs(ctx, tenantId, async (tx) => {
    await lockOwnUser(ctx, tx);
    const row = await rename(tx, { id: uuid, userId, name });
    if (!row) throw new NotFound("Passkey", id);
    await writeAudit(tx, ctx.meta, [{ action: "user.renamePasskey", entityType: "user", entityId: userId, before: null, after: null }]);
    return toPasskey(row);
  });
}

/**
 * Removes a passkey of the viewer, and the recovery codes with the last second factor.
 * @throws BadUserInput (a wrong code or passkey), NotFound, Forbidden (a second factor is required, and this is the last), RateLimited
 */
export async function removePasskey(ctx: Context, input: RemovePasskeyInput): Promise<SecondFactors> {
  const uuid = decodeId("passkey", input.id, "input.id");
  const { tenantId, userId } = ctx.viewer;
  const required = await requirementOf(ctx);
  const assertOwn = (own: readonly PasskeyRow[]): void => {
    if (!own.some(({ id }) => id === uuid)) throw new NotFound("Passkey", input.id);
  };
  assertOwn(await asTenant(ctx.services.databases.app, { tenantId }, "read", (tx) => findPasskeysOfUser(tx, userId)));
  const assertAllowed = async (tx: Tx): Promise<void> => {
    const own = await findPasskeysOfUser(tx, userId);
    assertOwn(own);
    if (own.length === 1 && !(await findTotp(tx, userId))) await assertNotRequired(tx, userId, required);
  };
  const change = async (tx: Tx, user: UserRow): Promise<void> => {
    await deletePasskey(tx, { id: uuid, userId });
    const isLast = !(await hasSecondFactor(tx, userId));
    if (isLast) await deleteRecoveryCodes(tx, userId);
    const after = await recordFactorChange(tx, ctx.meta, user, "user.removePasskey");
    await mailSecurityNotice(ctx, tx, ctx.meta, after, {
      template: "secondFactorChanged",
      change: isLast ? "DISABLED" : "PASSKEY_REMOVED",
    });
  };
  await withFactor(ctx, input, { assertAllowed, change });
  return findOwnFactors(ctx);
}

/** Returns the options with which the viewer proves again who they are. @throws Forbidden, Conflict (no passkey) */
export async function startPasskeyAssertion(ctx: Context): Promise<object> {
  const { tenantId, userId } = ctx.viewer;
  return optionsFor(ctx, { tenantId, userId }, sessionUse(ctx, "SESSION"));
}

/**
 * Returns the options of a login: of one that waits for its second factor, or of any user. The latter contain nothing about users.
 * @throws Forbidden, Unauthenticated (an invalid token), Conflict (no passkey), RateLimited, TenantSuspended
 */
export async function startPasskeyLogin(ctx: Context, mfaToken: string | null): Promise<object> {
  const { config, keys } = ctx.services;
  const relyingParty = relyingPartyOf(config);
  if (mfaToken === null) return assertionOptions(relyingParty, { challenge: issueChallenge(keys.refresh, { purpose: "LOGIN" }) });
  return limitedAttempt(ctx, mfaToken, async () => {
    const { pending } = await openPendingLogin(ctx, mfaToken, "READ");
    const { tenantId, userId, id } = pending;
    return optionsFor(ctx, { tenantId, userId }, { purpose: "SECOND_FACTOR", tenantId, userId, id });
  });
}

async function optionsFor(
  { services: { config, databases, keys } }: Context,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  use: ChallengeUse,
): Promise<object> {
  const relyingParty = relyingPartyOf(config);
  const allowed = await asTenant(databases.app, { tenantId }, "read", (tx) => findPasskeysOfUser(tx, userId));
  if (allowed.length === 0) throw new Conflict("You have no passkey. Register one with startPasskeyRegistration.");
  return assertionOptions(relyingParty, { challenge: issueChallenge(keys.refresh, use), allowed });
}
