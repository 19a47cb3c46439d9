import {
  assertMailIsSent,
  BadUserInput,
  Conflict,
  decodeId,
  Forbidden,
  mailsPerHour,
  once,
  sendMail,
  textProblems,
  wakeMailSender,
} from "@weft/shared";
import type { Context, Tx } from "@weft/shared";
import { makeOneTimeToken } from "../one-time-tokens/one-time-token.service.js";
import { findWrittenTenant } from "../tenants/tenant.service.js";
import { freeUsername, touchInvitedUser } from "../users/known-user.service.js";
import { belongingProblems, makeUser, readUserToMake } from "../users/make-user.js";
import { disableUser, findUserOfLogin, openUser } from "../users/user.service.js";
import type { UserRow } from "../users/known-user.service.js";
import type { InviteUserInput, ResendInvitationInput, RevokeInvitationInput } from "./invitation.input.js";

/** How long an invitation can be accepted. */
const invitationDays = 7;
const messageBounds = { max: 1000, hasLines: true } as const;

/**
 * Makes a user who has no password yet, and mails a link that lets whoever reads that mail choose one. Who may be made, with which roles and in which teams, is
 * as with `createUser`.
 * @throws BadUserInput, Forbidden, Conflict (idempotency key with another input), LimitExceeded, RateLimited, ServiceUnavailable (no mail server)
 */
export async function inviteUser(ctx: Context, input: InviteUserInput): Promise<UserRow> {
  assertMailIsSent(ctx.services.config);
  const { idempotencyKey: key, ...rest } = input;
  const type = typeof input.vendorId === "string" ? "VENDOR" : "EMPLOYEE";
  const { user, problems } = readUserToMake({ ...rest, type });
  const all = [...problems, ...textProblems("input.message", input.message, messageBounds)];
  if (all.length > 0) throw new BadUserInput([...all, ...(await ctx.read((tx) => belongingProblems(tx, input)))]);
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

/** Sends another invitation; the link of the one before is void. @throws NotFound, BadUserInput, Forbidden, Conflict, RateLimited, ServiceUnavailable */
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
          throw new Conflict(`The user is ${before.status}: only who is INVITED gets an invitation.`, { currentState: before.status });
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

/** Takes an invitation back: its link is void, its mail stays here if it can, the user is disabled. @throws NotFound, Forbidden, Conflict (version; who has accepted) */
export function revokeInvitation(ctx: Context, { userId, expectedVersion }: RevokeInvitationInput): Promise<UserRow> {
  return disableUser(ctx, {
    id: decodeId("user", userId, "input.userId"),
    action: "user.revokeInvitation",
    permission: "user.create",
    only: "INVITED",
    expectedVersion: expectedVersion ?? null,
  });
}

/** Who invites, and where: `meta` names the tenant and the user who stands as the inviter. */
export type Inviter = Pick<Context, "meta" | "services">;

const inviterOf = ({ meta, services }: Context): Inviter => ({ meta, services });

/** A link for a user who has no password yet, and the mail with it; the caller wakes the sender after the commit. @throws Forbidden, RateLimited */
export async function writeInvitation(tx: Tx, { meta, services }: Inviter, user: UserRow, message: string | null): Promise<void> {
  const tenant = await findWrittenTenant(tx, meta.tenantId);
  // Else anybody could register an organisation and have us write to strangers.
  if (!tenant.isVerified)
    throw new Forbidden("Your organisation invites people once somebody of it has answered a mail: see requestEmailVerification.");
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
      // Behind the #, so that it stands in no server's log.
      url: `${services.config.mail.publicUrl}/invitation#token=${token}`,
      days: invitationDays,
    },
  });
}
