/** Replies to the emails of notifications, which become comments on requests. */
import { BadUserInput, Conflict, Forbidden, NotFound } from "@weft/shared/errors";
import { newId } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import { asTenant } from "@weft/platform/db";
import { wakeRelay } from "@weft/platform/events";
import { countOfReplies, type ReplyRef, type UsedReplyAddress, useReplyAddress } from "@weft/platform/reply-addresses";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import { CommentAudience } from "@weft/api/comment-audience";
import { backgroundContext } from "@weft/api/context";
import { commentByEmail } from "../comments/comment.service.js";

/** Maximum number of messages to an address in an hour. */
const MAX_PER_HOUR = 60;

/** Why an email does not become a comment. */
export type EmailReplyRefusal =
  /** Never: the reason is for the sender. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Not now: too many messages to the address. */
  | { readonly kind: "limited" };

/** Returns why an address takes no email now. Null if it takes one. Nothing is counted, so mail servers can ask without sending. */
export async function findReplyRefusal({ databases }: Services, address: ReplyRef): Promise<EmailReplyRefusal | null> {
  const { tenantId } = address;
  const count = await asTenant(databases.app, { tenantId }, "read", (tx) => countOfReplies(tx, address));
  if (count === null) return notValid;
  return count >= MAX_PER_HOUR ? { kind: "limited" } : null;
}

/** An address whose email was counted. */
export interface CountedReplyAddress extends UsedReplyAddress {
  /** UUID */
  readonly tenantId: string;
}

/** Counts an email to an address. Call it before the email is parsed, so that one above the limit takes no time. */
export async function countEmailReply(
  { databases }: Services,
  ref: ReplyRef,
): Promise<{ readonly kind: "counted"; readonly address: CountedReplyAddress } | EmailReplyRefusal> {
  const { tenantId } = ref;
  const used = await asTenant(databases.app, { tenantId }, "write", (tx) => useReplyAddress(tx, ref));
  if (used === null) return notValid;
  return used.hourCount > MAX_PER_HOUR ? { kind: "limited" } : { kind: "counted", address: { tenantId, ...used } };
}

export interface EmailReply {
  /** The address to which the email was sent. It is the proof that the sender got the notification. */
  readonly address: CountedReplyAddress;
  /** Address of the sender. */
  readonly from: string;
  /** SHA-256 of the email's ID. */
  readonly emailHash: string;
  /** What the sender has written, without the quoted text. */
  readonly text: string;
}

export type EmailReplyResult =
  | { readonly kind: "written" }
  /** It was received before. */
  | { readonly kind: "known" }
  /** The reason is for the sender. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Writes the comment in the name and with the current rights of the user to whom the notification was sent, as if they had called `commentOnRequest`.
 * An email becomes at most one comment.
 */
export async function receiveEmailReply(services: Services, { address, ...reply }: EmailReply): Promise<EmailReplyResult> {
  const { databases, pubsub, log } = services;
  const { tenantId, userId, requestId, vendorId } = address;
  if (address.email.toLowerCase() !== reply.from.toLowerCase())
    return refused("Reply from the email address to which the notification was sent.");
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: newId() });
  if (viewer === null || !hasPermission(viewer, "request.comment")) return refused(NOT_ALLOWED);
  if (reply.text === "") return refused("The email has no text above the quoted one.");
  const audience = address.audience === "INTERNAL" ? CommentAudience.INTERNAL : CommentAudience.PUBLIC;
  const { text, emailHash } = reply;
  const ctx = backgroundContext(services, viewer, { requestId: `email:${newId()}`, sessionId: null });
  try {
    const isNew = await commentByEmail(ctx, { requestId, audience, vendorId, text, emailHash });
    if (isNew) wakeRelay(pubsub, log);
    return { kind: isNew ? "written" : "known" };
  } catch (error) {
    if (error instanceof NotFound || error instanceof Forbidden) return refused(NOT_ALLOWED);
    if (error instanceof Conflict) return refused(error.message);
    if (error instanceof BadUserInput) return refused(error.problems.map(({ message }) => message.replace(/^It /, "The text ")).join(" "));
    throw error;
  }
}

const NOT_ALLOWED = "You cannot comment on this request.";

const refused = (reason: string) => ({ kind: "refused", reason }) as const;

const notValid = refused("This address is no longer valid.");
