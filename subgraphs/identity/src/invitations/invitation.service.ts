import { BadUserInput, Conflict, Forbidden } from "@weft/shared/errors";
import { decodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { once } from "@weft/platform/idempotency";
import { assertMailIsSent, mailsPerHour, sendMail, wakeMailSender } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import type { VersionedIdInput } from "@weft/api/inputs";
import { makeOneTimeToken } from "../one-time-tokens/one-time-token.service.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { freeUsername, touchInvitedUser } from "../users/known-user.service.js";
import { belongingProblems, makeUser, readUserToMake } from "../users/creation/make-user.js";
import { disableUser, findUserOfLogin, openUser } from "../users/user.service.js";
import type { UserRow } from "../users/known-user.service.js";
import type { InviteUserInput, ResendInvitationInput } from "./invitation.input.js";

/** Validity of an invitation. */
const invitationDays = 7;
const messageBounds = { max: 1000, hasLines: true } as const;

/**
 * Creates a user without a password and emails a link with which the recipient can choose one. The same restrictions on users, roles and teams apply
 * as for `createUser`.
 * @throws BadUserInput, Forbidden, Conflict (idempotency key with another input), LimitExceeded, RateLimited, ServiceUnavailable (no mail server)
 */
export async function inviteUser(ctx: Context, input: InviteUserInput): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const { idempotencyKey: key, ...rest } = input;
  const type = typeof input.vendorId === "string" ? "VENDOR" : "EMPLOYEE";
  const { user, problems } = readUserToMake({ ...rest, type });
  const all = [...problems, ...textProblems("input.message", input.message, messageBounds)];
  if (all.length > 0) throw new BadUserInput([...all, ...(await ctx.read((tx) => belongingProblems(tx, type, input)))]);
  const row = await ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "inviteUser", key, input: { ...rest } }, async () => {
      const username = typeof input.username === "string" ? user.username : await freeUsername(tx, user);
      const made = await makeUser(ctx, tx, { ...user, username, passwordHash: null }, input);
      await writeInvitation(tx, inviterOf(ctx), made, input.message ?? null);
      return { userId: made.id };
    });
    return findUserOfLogin(tx, result["userId"] ?? "");
  });
  wakeMailSender(ctx.services);
  return row;
}

/**
 * Sends another invitation and invalidates the link of the previous one.
 * @throws NotFound, BadUserInput, Forbidden, Conflict, RateLimited, ServiceUnavailable
 */
export async function resendInvitation(ctx: Context, { userId, message, idempotencyKey: key }: ResendInvitationInput): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const id = decodeId("user", userId, "input.userId");
  const problems = textProblems("input.message", message, messageBounds);
  if (problems.length > 0) throw new BadUserInput(problems);
  const row = await ctx.inTenant(async (tx) => {
    const { result } = await once(
      tx,
      ctx.meta,
      { mutation: "resendInvitation", key, input: { userId: id, message: message ?? null } },
      async () => {
        const { before } = await openUser(ctx, tx, id, { permission: "user.create" });
        if (before.status !== "INVITED")
          throw new Conflict(`The user is ${before.status}. Only users with the status INVITED can receive invitations.`, {
            currentState: before.status,
          });
        await writeInvitation(tx, inviterOf(ctx), before, message ?? null);
        await touchInvitedUser(tx, ctx.meta, before);
        return { userId: id };
      },
    );
    return findUserOfLogin(tx, result["userId"] ?? "");
  });
  wakeMailSender(ctx.services);
  return row;
}

/**
 * Revokes an invitation: invalidates its link, cancels its email if not yet sent, and disables the user.
 * @throws NotFound, Forbidden, Conflict (version; already accepted)
 */
export function revokeInvitation(ctx: Context, { id, expectedVersion }: VersionedIdInput): Promise<UserRow> {
  return disableUser(ctx, {
    id: decodeId("user", id, "input.id"),
    action: "user.revokeInvitation",
    permission: "user.create",
    only: "INVITED",
    expectedVersion: expectedVersion ?? null,
  });
}

/** The inviting user and the tenant: `meta` contains both. */
export type Inviter = Pick<Context, "meta" | "services">;

const inviterOf = ({ meta, services }: Context): Inviter => ({ meta, services });

/**
 * Creates a link for a user without a password, and its email. The caller wakes the sender after the commit.
 * @throws Forbidden, RateLimited
 */
export async function writeInvitation(tx: Tx, { meta, services }: Inviter, user: UserRow, message: string | null): Promise<void> {
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  // Otherwise anybody could register an organization and have Weft send email to strangers.
  if (!tenant.isVerified)
    throw new Forbidden(
      "Your organization can invite users after one of its users has verified an email address. See requestEmailVerification.",
    );
  const inviter = await findUserOfLogin(tx, meta.actorId);
  const lifetimeSeconds = invitationDays * 24 * 3600;
  const { id, token } = await makeOneTimeToken(tx, services.keys, { user, purpose: "INVITATION", createdBy: inviter.id, lifetimeSeconds });
  await sendMail(tx, meta, {
    personId: user.id,
    to: user.email,
    template: "invitation",
    perTenantAndHour: mailsPerHour(tenant),
    referenceId: id,
    values: {
      inviter: inviter.name,
      organization: tenant.name,
      slug: tenant.slug,
      message,
      token,
      // In the fragment, so that it is not in any server's log.
      url: `${services.config.mail.publicUrl}/invitation#token=${token}`,
      days: invitationDays,
    },
  });
}
