import {
  asTenant,
  channels,
  chaos,
  destinationHash,
  type EffectiveConfig,
  effectiveConfigOf,
  MailRefused,
  type MailTransport,
  type OutgoingMail,
  type Sender,
  type Services,
  startSender,
  type Tx,
  viewerOfUser,
} from "@weft/shared";
import { timetableOf } from "../preferences/effective.js";
import { findRecipients } from "../preferences/preference.store.js";
import { unsubscribeTokens } from "../preferences/unsubscribe-tokens.js";
import { renderOwnMessage } from "../templates/own-message.js";
import { meets, storedDemand } from "../rules/visibility.js";
import { reasons } from "./bundle.js";
import { endDeliveries } from "./delivery.store.js";
import { renderMessage } from "./render.js";
import {
  type Addressee,
  type ClaimedMessage,
  claimMessage,
  endLostClaims,
  findAddressee,
  findMessageItems,
  findTenantsWithMessages,
  finishMessage,
  insertSuppression,
  isSuppressed,
  keepClaim,
  type MessageItem,
  postponeMessage,
} from "./send.store.js";

/** Longer than the maximum duration of a transport's attempt. */
const LEASE_SECONDS = 180;
/** Number of emails sent concurrently. */
const CONCURRENT_EMAILS = 3;
/** Delays in seconds after the first, second, … failed attempt. After the last attempt the message has failed. */
const RETRY_SECONDS = [30, 120, 600, 1800, 3600, 7200, 14_400] as const;

export interface MessageSenderOptions extends Pick<Services, "config" | "databases" | "pubsub" | "log" | "keys"> {
  readonly transport: MailTransport;
  readonly retrySeconds?: readonly number[];
}

/**
 * Sends the messages that `dueDeliveries` makes. Each is sent at most once: its claim is committed before it is sent, and a claim whose sender has ended
 * without a report becomes UNKNOWN, which an administrator sees and can resend. It is tried again only if the mail server has certainly not accepted it.
 * Any number of senders can run.
 */
export async function startMessageSender(options: MessageSenderOptions): Promise<Sender> {
  const { databases, pubsub, log } = options;
  return startSender({
    name: "notificationMessages",
    channel: channels.mails,
    concurrency: CONCURRENT_EMAILS,
    databases,
    pubsub,
    log,
    findTenants: findTenantsWithMessages,
    deliver: (tenantId) => deliverMessage(options, tenantId),
  });
}

async function deliverMessage(options: MessageSenderOptions, tenantId: string): Promise<"nothing" | "done" | "refused"> {
  const { databases, transport } = options;
  const write = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(databases.app, { tenantId }, "write", fn);
  const config = await effectiveConfigOf(options, tenantId);
  const claimed = await write((tx) => claim(tx, options, tenantId, config));
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { message, mail } = claimed;
  try {
    chaos("messages.claimed");
    await transport.send(mail);
    chaos("messages.sent");
  } catch (error) {
    return afterFailure(options, { tenantId, message, to: mail.to, error });
  }
  await write((tx) => finishMessage(tx, message, { status: "SENT", error: null }));
  return "done";
}

/** Claims a message, checks again who gets it and what they can see, and renders it. `done`: nothing of it is to be sent. */
async function claim(
  tx: Tx,
  options: MessageSenderOptions,
  tenantId: string,
  config: EffectiveConfig,
): Promise<{ readonly message: ClaimedMessage; readonly mail: OutgoingMail } | "nothing" | "done"> {
  const lost = await endLostClaims(tx);
  const message = await claimMessage(tx, { leaseSeconds: LEASE_SECONDS });
  if (message === null) return lost > 0 ? "done" : "nothing";
  const items = await findMessageItems(tx, message);
  const addressee = await findAddressee(tx, message.userId);
  const refusal = await refusalOf(tx, message, addressee);
  if (refusal !== null || addressee === null) {
    await endDeliveries(
      tx,
      items.map(({ deliveryId }) => deliveryId),
      refusal ?? gone,
    );
    return "done";
  }
  const shown = await visibleAmong(tx, options, { tenantId, message, items });
  const hidden = items.filter((item) => !shown.includes(item)).map(({ deliveryId }) => deliveryId);
  await endDeliveries(tx, hidden, { status: "CANCELLED", reason: "The user can no longer see what it is about." });
  if (shown.length === 0) return "done";
  if (hidden.length > 0) await keepClaim(tx, message, { leaseSeconds: LEASE_SECONDS });
  const recipient = (await findRecipients(tx, [message.userId])).get(message.userId);
  const { publicUrl } = options.config.mail;
  const canUnsubscribe = shown.some(
    ({ kind, isMandatory }) => !isMandatory && !(config.notifications.mandatoryEmailKinds as readonly string[]).includes(kind),
  );
  const token = unsubscribeTokens.issue(options.keys.refresh, { tenantId, id: message.id });
  const unsubscribeUrl = canUnsubscribe ? `${publicUrl}/notifications/unsubscribe?token=${token}` : null;
  const { timeZone } = timetableOf(recipient ?? { timeZone: null, rows: [] }, config, "NONE");
  const { organization, name } = addressee;
  const locale = addressee.locale ?? config.locale;
  const facts = { organization, timeZone, url: publicUrl, unsubscribeUrl };
  const [item, ...others] = shown;
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
  const rendered = own ?? renderMessage({ ...facts, locale, items: shown });
  const headers =
    unsubscribeUrl === null ? {} : { "List-Unsubscribe": `<${unsubscribeUrl}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
  return { message, mail: { id: message.id, to: addressee.email, ...rendered, headers } };
}

type End = Parameters<typeof endDeliveries>[2];

const gone: End = { status: "CANCELLED", reason: "The user is not active." };

/** Returns the notifications of a message that the recipient can still know of: nothing was deleted, and no access was lost since they were queued. */
async function visibleAmong(
  tx: Tx,
  { databases }: Pick<MessageSenderOptions, "databases">,
  { tenantId, message, items }: { readonly tenantId: string; readonly message: ClaimedMessage; readonly items: readonly MessageItem[] },
): Promise<MessageItem[]> {
  const visible = items.filter(({ isVisible }) => isVisible);
  const checked = visible.flatMap((item) => (item.requiredAccess === null ? [] : [{ item, demand: storedDemand(item.requiredAccess) }]));
  if (checked.length === 0) return visible;
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId: message.userId, sessionId: message.id });
  const demands = checked.flatMap(({ demand }) => demand ?? []);
  const met = viewer === null ? [] : await meets(tx, viewer, demands);
  const allowed = new Set(demands.filter((_, at) => met[at] === true));
  const hidden = new Set(checked.filter(({ demand }) => demand === null || !allowed.has(demand)).map(({ item }) => item));
  return visible.filter((item) => !hidden.has(item));
}

/** Returns why the recipient must get no email. Null if they can. */
async function refusalOf(tx: Tx, { userId, isOld }: ClaimedMessage, addressee: Addressee | null): Promise<End | null> {
  if (isOld) return { status: "SUPPRESSED", reason: reasons.old };
  if (addressee === null || !addressee.isActive) return gone;
  const { email, isConfirmed, isVerifiedTenant, isSelfRegistered } = addressee;
  if (!email.includes("@")) return { status: "CANCELLED", reason: "The user has no email address." };
  if (!isVerifiedTenant) return { status: "SUPPRESSED", reason: "Nobody in the organization has confirmed an email address." };
  if (isSelfRegistered && !isConfirmed) return { status: "SUPPRESSED", reason: "The user has not confirmed the email address." };
  if (await isSuppressed(tx, userId, destinationHash(email)))
    return { status: "SUPPRESSED", reason: "The mail server has refused the address of the user for good." };
  return null;
}

interface Failure {
  readonly tenantId: string;
  readonly message: ClaimedMessage;
  readonly to: string;
  readonly error: unknown;
}

async function afterFailure(options: MessageSenderOptions, { tenantId, message, to, error }: Failure): Promise<"done" | "refused"> {
  const { databases, log, retrySeconds = RETRY_SECONDS } = options;
  const refused = error instanceof MailRefused ? error : new MailRefused("attempt", String(error), { isUncertain: true });
  const seconds = refused.concerns === "mail" ? undefined : retrySeconds[message.attempts - 1];
  const said = refused.message.slice(0, 500);
  const facts = { tenantId, messageId: message.id, attempts: message.attempts, concerns: refused.concerns };
  await asTenant(databases.app, { tenantId }, "write", async (tx) => {
    if (refused.isUncertain) await finishMessage(tx, message, { status: "UNKNOWN", error: said });
    else if (seconds !== undefined) await postponeMessage(tx, message, { seconds, error: said });
    else await finishMessage(tx, message, { status: "FAILED", error: said });
    if (refused.isRecipientRefused)
      await insertSuppression(tx, { tenantId, userId: message.userId, addressHash: destinationHash(to), reason: said });
  });
  // The answer of the server can contain the address, so it is only stored in the row.
  if (seconds !== undefined && !refused.isUncertain)
    log.info({ ...facts, retryInSeconds: seconds }, "the mail server did not accept a message; retrying");
  else log.error(facts, "giving up on a message; its deliveries have the reason");
  return refused.concerns === "server" ? "refused" : "done";
}
