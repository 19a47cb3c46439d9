import { findMailStates } from "@weft/platform/mail";
import type { Context } from "@weft/api/context";
import { findWaitingTokens } from "../one-time-tokens/one-time-token.service.js";
import type { WaitingToken } from "../one-time-tokens/one-time-token.service.js";
import { Invitation, MailStatus } from "./invitation.type.js";

interface Found {
  readonly token: WaitingToken;
  readonly mailStatus: keyof typeof MailStatus | null;
}

/** Loads the pending invitation of a user. Null if there is none. The caller has checked that the viewer can see it. */
export async function loadInvitation(ctx: Context, userId: string): Promise<Omit<Invitation, "invitedBy"> | null> {
  const loader = ctx.loader<string, Found>("identity.invitation", async (tx, userIds) => {
    const tokens = await findWaitingTokens(tx, userIds, "INVITATION");
    const mails = await findMailStates(
      tx,
      [...tokens.values()].map(({ id }) => id),
    );
    return new Map([...tokens].map(([user, token]) => [user, { token, mailStatus: mails.get(token.id)?.status ?? null }]));
  });
  const found = await loader.load(userId);
  if (found === null) return null;
  const { token, mailStatus } = found;
  return Object.assign(new Invitation(), {
    invitedByUuid: token.createdBy,
    sentAt: token.createdAt,
    expiresAt: token.expiresAt,
    isExpired: token.isExpired,
    mailStatus: mailStatus === null ? null : MailStatus[mailStatus],
  });
}
