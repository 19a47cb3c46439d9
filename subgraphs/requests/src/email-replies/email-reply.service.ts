/** Replies to the emails of notifications, which become comments on requests. */
import {
  asTenant,
  BadUserInput,
  CommentAudience,
  Computing,
  type Context,
  Forbidden,
  hasPermission,
  newId,
  NotFound,
  type ReplyRef,
  type Services,
  useReplyAddress,
  type Viewer,
  viewerOfUser,
  wakeRelay,
  type WriteMeta,
} from "@weft/shared";
import { commentByEmail } from "../comments/comment.service.js";

/** Maximum number of messages to an address in an hour. */
const MAX_PER_HOUR = 60;

export interface EmailReply {
  /** The address to which the email was sent. It is the proof that the sender got the notification. */
  readonly address: ReplyRef;
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
  /** Never: the reason is for the sender. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Not now: too many messages to the address. */
  | { readonly kind: "limited" };

/**
 * Writes the comment in the name and with the current rights of the user to whom the notification was sent, as if they had called `commentOnRequest`.
 * An email becomes at most one comment.
 */
export async function receiveEmailReply(services: Services, reply: EmailReply): Promise<EmailReplyResult> {
  const { databases, pubsub, log } = services;
  const { tenantId } = reply.address;
  const used = await asTenant(databases.app, { tenantId }, "write", (tx) => useReplyAddress(tx, reply.address));
  if (used === null) return refused("This address is no longer valid.");
  if (used.hourCount > MAX_PER_HOUR) return { kind: "limited" };
  if (used.email.toLowerCase() !== reply.from.toLowerCase())
    return refused("Reply from the email address to which the notification was sent.");
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId: used.userId, sessionId: newId() });
  if (viewer === null || !hasPermission(viewer, "request.comment")) return refused(NOT_ALLOWED);
  if (reply.text === "") return refused("The email has no text above the quoted one.");
  const audience = used.audience === "INTERNAL" ? CommentAudience.INTERNAL : CommentAudience.PUBLIC;
  try {
    const { requestId } = used;
    const isNew = await commentByEmail(replyContext(services, viewer), {
      requestId,
      audience,
      text: reply.text,
      emailHash: reply.emailHash,
    });
    if (isNew) wakeRelay(pubsub, log);
    return { kind: isNew ? "written" : "known" };
  } catch (error) {
    if (error instanceof NotFound || error instanceof Forbidden) return refused(NOT_ALLOWED);
    if (error instanceof BadUserInput) return refused(error.problems.map(({ message }) => message.replace(/^It /, "The text ")).join(" "));
    throw error;
  }
}

const NOT_ALLOWED = "You cannot comment on this request.";

const refused = (reason: string): EmailReplyResult => ({ kind: "refused", reason });

/** The context in which the service of comments runs, as it does for an operation of the user. */
function replyContext(services: Services, viewer: Viewer): Context {
  const { tenantId, userId } = viewer;
  const requestId = `email:${newId()}`;
  const meta: WriteMeta = {
    tenantId,
    actorId: userId,
    onBehalfOf: null,
    requestId,
    sessionId: null,
    address: null,
    traceId: null,
    keyring: services.keyring,
  };
  return {
    viewer,
    maybeViewer: viewer,
    requestId,
    address: null,
    userAgent: null,
    livePosition: undefined,
    services,
    log: services.log,
    meta,
    computing: Computing.inBackground(tenantId),
    inTenant: (fn) => asTenant(services.databases.app, viewer, "write", fn),
    joinWrite: () => Promise.reject(new Error("A reply writes in its own transaction only.")),
    read: (fn) => asTenant(services.databases.app, viewer, "read", fn),
    loader: () => {
      throw new Error("Services of mutations do not load: only resolvers do.");
    },
  };
}
