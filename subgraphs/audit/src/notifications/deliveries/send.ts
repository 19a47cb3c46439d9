import { channels } from "@weft/shared/event-catalog";
import { chaos } from "@weft/platform/chaos";
import { type EffectiveConfig, effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { bounceAddress, destinationHash, MailRefused, type MailTransport, type OutgoingMail } from "@weft/platform/mail";
import { type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { type DeliveryAttempt, observedNotification, type ObserveAttempt, resultOfFailure } from "../../queues/attempt.js";
import { timetableOf } from "../preferences/effective.js";
import { findRecipients } from "../preferences/preference.store.js";
import { unsubscribeTokens } from "../preferences/unsubscribe-tokens.js";
import { renderOwnMessage } from "../templates/own-message.js";
import { claimMessageOf, type End, recordFailure, RETRY_SECONDS } from "./claim.js";
import { type ClaimedMessage, finishMessage, messagesIn } from "./message.store.js";
import { openUrl } from "./open-url.js";
import { renderMessage } from "./render.js";
import { type ReplyOptions, replyToOf, withReplyLine } from "./reply.js";
import { type Addressee, insertSuppression, isSuppressed, type TeamAddressee } from "./send.store.js";

/** Number of emails sent concurrently. */
const CONCURRENT_EMAILS = 3;

const messages = messagesIn("EmailMessages", "EMAIL");

export interface MessageSenderOptions extends Pick<Services, "config" | "databases" | "pubsub" | "log" | "keys"> {
  readonly transport: MailTransport;
  readonly retrySeconds?: readonly number[];
  readonly onAttempt?: ObserveAttempt;
}

/**
 * Sends the messages that `dueDeliveries` makes. Each is sent at most once: its claim is committed before it is sent, and a claim whose sender has ended
 * without a report becomes UNKNOWN, which an administrator sees and can resend. It is tried again only if the mail server has certainly not accepted it.
 * Any number of senders can run.
 */
export async function startMessageSender(options: MessageSenderOptions): Promise<QueueWorker> {
  const { databases, pubsub, log } = options;
  return startQueueWorker({
    name: "notificationMessages",
    channel: channels.mails,
    concurrency: CONCURRENT_EMAILS,
    databases,
    pubsub,
    log,
    findTenants: (tx) => messages.findTenants(tx),
    handle: (tenantId) => deliverMessage(options, tenantId),
  });
}

async function deliverMessage(options: MessageSenderOptions, tenantId: string): Promise<"nothing" | "done" | "refused"> {
  const { databases, transport } = options;
  const write = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
  const config = await effectiveConfigOf(options, tenantId);
  const claimed = await write((tx) => claim(tx, options, tenantId, config));
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { message, userId, locale } = claimed;
  const mail = await withReplyTo(options, claimed.mail, { tenantId, userId, messageId: message.id, locale });
  const observe = observedNotification(options.onAttempt);
  try {
    chaos("messages.claimed");
    await transport.send(mail);
    chaos("messages.sent");
  } catch (error) {
    return afterFailure(options, { tenantId, message, userId, to: mail.to, error, observe });
  }
  observe("succeeded");
  await write((tx) => finishMessage(tx, message, { status: "SENT", error: null, addressHash: destinationHash(mail.to) }));
  return "done";
}

/** Lets the recipient reply if they can. Without an address, the message is sent as it is. */
async function withReplyTo(
  options: MessageSenderOptions,
  mail: OutgoingMail,
  { locale, ...of }: ReplyOptions & { readonly locale: string },
): Promise<OutgoingMail> {
  try {
    const replyTo = await replyToOf(options, of);
    return replyTo === null ? mail : { ...withReplyLine(mail, replyTo, locale), headers: { ...mail.headers, "Reply-To": replyTo.address } };
  } catch (error) {
    // The claim is committed: an error here must not leave it without a result.
    options.log.error({ err: error, tenantId: of.tenantId }, "a message is sent without an address for replies");
    return mail;
  }
}

/** Claims a message, checks again who gets it and what they can see, and renders it. `done`: nothing of it is to be sent. */
async function claim(
  tx: Tx,
  options: MessageSenderOptions,
  tenantId: string,
  config: EffectiveConfig,
): Promise<
  { readonly message: ClaimedMessage; readonly userId: string; readonly mail: OutgoingMail; readonly locale: string } | "nothing" | "done"
> {
  const claimed = await claimMessageOf(tx, options, {
    tenantId,
    messages,
    refusalOf: (_message, addressee) => refusalOf(tx, userIn(addressee)),
  });
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { message, items: shown } = claimed;
  const addressee = userIn(claimed.addressee);
  const { userId } = addressee;
  const recipient = (await findRecipients(tx, [userId])).get(userId);
  const { publicUrl } = options.config.mail;
  const canUnsubscribe = shown.some(
    ({ kind, isMandatory }) => !isMandatory && !(config.notifications.mandatoryEmailKinds as readonly string[]).includes(kind),
  );
  const token = unsubscribeTokens.issue(options.keys.refresh, { tenantId, id: message.id });
  const unsubscribeUrl = canUnsubscribe ? `${publicUrl}/notifications/unsubscribe?token=${token}` : null;
  const { timeZone } = timetableOf(recipient ?? { timeZone: null, rows: [] }, config, "NONE");
  const { organization, name } = addressee;
  const locale = addressee.locale ?? config.locale;
  const facts = { organization, timeZone, unsubscribeUrl };
  const items = shown.map((each) => ({ ...each, url: openUrl(publicUrl, each.object) }));
  const [item, ...others] = items;
  // Messages with several notifications have the built-in template.
  const own =
    item && others.length === 0
      ? await renderOwnMessage(tx, {
          ...facts,
          ...item,
          channel: "EMAIL",
          locales: [addressee.locale, config.locale],
          recipient: { name, timeZone },
          onError: (error) =>
            options.log.error({ err: error, tenantId, kind: item.kind }, "a template cannot be rendered; using the built-in one"),
        })
      : null;
  const rendered = own ?? renderMessage({ ...facts, locale, items, url: publicUrl });
  const headers =
    unsubscribeUrl === null ? {} : { "List-Unsubscribe": `<${unsubscribeUrl}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
  const returnPath = bounceAddress(options.config.mail, options.keys.refresh, { tenantId, id: message.id });
  return { message, userId, locale, mail: { id: message.id, to: addressee.email, ...rendered, headers, returnPath } };
}

/** Teams get no emails. */
function userIn(addressee: Addressee | TeamAddressee): Addressee {
  if (addressee.userId === null) throw new Error("An email is for a user.");
  return addressee;
}

/** Returns why the recipient must get no email. Null if they can. */
async function refusalOf(tx: Tx, addressee: Addressee): Promise<End | null> {
  const { userId, email, isConfirmed, isVerifiedTenant, isSelfRegistered } = addressee;
  if (!email.includes("@")) return { status: "CANCELLED", reason: "The user has no email address." };
  if (!isVerifiedTenant) return { status: "SUPPRESSED", reason: "Nobody in the organization has confirmed an email address." };
  if (isSelfRegistered && !isConfirmed) return { status: "SUPPRESSED", reason: "The user has not confirmed the email address." };
  if (await isSuppressed(tx, userId, destinationHash(email)))
    return { status: "SUPPRESSED", reason: "The address of the user does not exist, or its owner has complained about an email." };
  return null;
}

interface Failure {
  readonly tenantId: string;
  readonly message: ClaimedMessage;
  readonly userId: string;
  readonly to: string;
  readonly error: unknown;
  readonly observe: (result: DeliveryAttempt["result"]) => void;
}

async function afterFailure(
  options: MessageSenderOptions,
  { tenantId, message, userId, to, error, observe }: Failure,
): Promise<"done" | "refused"> {
  const { databases, log, retrySeconds = RETRY_SECONDS } = options;
  const refused = error instanceof MailRefused ? error : new MailRefused("attempt", String(error), { isUncertain: true });
  const seconds = refused.concerns === "mail" ? undefined : retrySeconds[message.attempts - 1];
  const said = refused.message.slice(0, 500);
  observe(resultOfFailure({ isUncertain: refused.isUncertain, isRetried: seconds !== undefined }));
  const facts = { tenantId, messageId: message.id, attempts: message.attempts, concerns: refused.concerns };
  await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    await recordFailure(tx, message, { error: said, isUncertain: refused.isUncertain, retryInSeconds: seconds });
    if (refused.isRecipientRefused) await insertSuppression(tx, { tenantId, userId, addressHash: destinationHash(to), reason: said });
  });
  // The answer of the server can contain the address, so it is only stored in the row.
  if (seconds !== undefined && !refused.isUncertain)
    log.info({ ...facts, retryInSeconds: seconds }, "the mail server did not accept a message; retrying");
  else log.error(facts, "giving up on a message; its deliveries have the reason");
  return refused.concerns === "server" ? "refused" : "done";
}
