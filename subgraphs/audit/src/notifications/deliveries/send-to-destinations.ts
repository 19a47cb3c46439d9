import type { ConnectorError } from "@weft/connectors";
import { channels } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import { chaos } from "@weft/platform/chaos";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { outboundClient, type OutboundClient } from "@weft/platform/outbound";
import { type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { openAddress } from "../destinations/address.js";
import { recordDisabled } from "../destinations/change.js";
import type { DestinationRow } from "../destinations/destination.store.js";
import { observedNotification, type ObserveAttempt, resultOfFailure } from "../../queues/attempt.js";
import { encryptPush } from "../web-push/encrypt.js";
import { vapidAuthorization, vapidKeysOf } from "../web-push/vapid.js";
import { attempt, chatRequest, type DestinationRequest } from "./attempt-request.js";
import { type Claimed, recordFailure } from "./claim.js";
import { claimForDestination, metaOf, retryIn } from "./claim-destination.js";
import { type ClaimedMessage, finishMessage, messagesIn } from "./message.store.js";
import { openUrl } from "./open-url.js";
import { renderPlain } from "./render.js";

/** Messages that one process sends at the same time. Tenants take turns. */
const CONCURRENT_MESSAGES = 8;
/** Seconds for which a push service keeps a message for a browser that is not connected. */
const PUSH_SECONDS = 86_400;

const messages = messagesIn("DestinationMessages", "CHAT", "WEB_PUSH");

export interface DestinationSenderOptions extends Pick<
  Services,
  "config" | "databases" | "pubsub" | "log" | "keys" | "keyring" | "secrets"
> {
  readonly retrySeconds?: readonly number[];
  readonly onAttempt?: ObserveAttempt;
}

/**
 * Sends the messages to chats and browsers. As emails, each is sent at most once: a message whose receiver has not answered becomes UNKNOWN. Any number of
 * senders can run.
 */
export async function startDestinationSender(options: DestinationSenderOptions): Promise<QueueWorker> {
  const { config, databases, pubsub, log } = options;
  const client = outboundClient(config.outbound);
  const sender = await startQueueWorker({
    name: "notificationDestinations",
    channel: channels.mails,
    concurrency: CONCURRENT_MESSAGES,
    databases,
    pubsub,
    log,
    findTenants: (tx) => messages.findTenants(tx),
    handle: (tenantId) => deliver(options, client, tenantId),
  });
  return {
    idle: () => sender.idle(),
    stop: async () => {
      await sender.stop();
      await client.close();
    },
  };
}

interface Prepared {
  readonly message: ClaimedMessage;
  readonly destination: DestinationRow;
  readonly request: DestinationRequest;
}

async function deliver(options: DestinationSenderOptions, client: OutboundClient, tenantId: string): Promise<"nothing" | "done"> {
  const write = <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => asTenant(options.databases.app, { tenantId }, "write", fn);
  const locale = (await effectiveConfigOf(options, tenantId)).locale;
  const prepared = await write((tx) => prepare(tx, options, { tenantId, locale }));
  if (prepared === "nothing" || prepared === "done") return prepared;
  const { message } = prepared;
  const observe = observedNotification(options.onAttempt);
  chaos("messages.claimed");
  const { error, isGone } = await attempt(client, prepared.request);
  chaos("messages.sent");
  const retryInSeconds = error === null ? undefined : retryIn(error, message.attempts, options.retrySeconds);
  observe(
    error === null
      ? "succeeded"
      : resultOfFailure({ isUncertain: error.kind === "UNKNOWN_OUTCOME", isRetried: retryInSeconds !== undefined }),
  );
  if (error === null) await write((tx) => finishMessage(tx, message, { status: "SENT", error: null }));
  else await write((tx) => fail(tx, options, { tenantId, prepared, error, retryInSeconds, isGone }));
  return "done";
}

/** Claims a message, and makes the request that sends it. */
async function prepare(
  tx: Tx,
  options: DestinationSenderOptions,
  { tenantId, locale }: { readonly tenantId: string; readonly locale: string },
): Promise<Prepared | "nothing" | "done"> {
  const claimed = await claimForDestination(tx, options, { tenantId, messages });
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { message, destination } = claimed;
  return { message, destination, request: await requestOf(tx, options, { claimed, destination, locale }) };
}

async function requestOf(
  tx: Tx,
  { config, keys, secrets }: DestinationSenderOptions,
  { claimed, destination, locale }: { readonly claimed: Claimed; readonly destination: DestinationRow; readonly locale: string },
): Promise<DestinationRequest> {
  const { addressee, items, message } = claimed;
  const { publicUrl } = config.mail;
  const target = openUrl(publicUrl, items.length === 1 ? (items[0]?.object ?? null) : null);
  const address = await openAddress(tx, secrets, destination);
  if (!("url" in address)) throw new Error(`The destination ${destination.id} has no URL.`);
  const { url, keys: keysOfBrowser } = address;
  const { title, text } = renderPlain({ organization: addressee.organization, locale: addressee.locale ?? locale, items });
  if (keysOfBrowser === undefined) return chatRequest({ url, format: destination.format }, { title, text, url: target });
  const id = encodeId("notificationDelivery", message.id);
  const body = encryptPush(Buffer.from(JSON.stringify({ id, title, body: text, url: target })), keysOfBrowser);
  // Push services demand an address at which they reach the operators.
  const contact = publicUrl.startsWith("https://") ? publicUrl : "mailto:operators@localhost";
  const authorization = vapidAuthorization(vapidKeysOf(keys), { endpoint: url, contact });
  const headers = { authorization, "content-encoding": "aes128gcm", "content-type": "application/octet-stream", ttl: String(PUSH_SECONDS) };
  return { url, headers, body };
}

interface Failure {
  readonly tenantId: string;
  readonly prepared: Prepared;
  readonly error: ConnectorError;
  /** Undefined if it is not tried again. */
  readonly retryInSeconds: number | undefined;
  /** Whether the destination does not exist any more. */
  readonly isGone: boolean;
}

async function fail(
  tx: Tx,
  { keyring, log }: DestinationSenderOptions,
  { tenantId, prepared, error, retryInSeconds, isGone }: Failure,
): Promise<void> {
  const { message, destination } = prepared;
  const said = error.message.slice(0, 500);
  await recordFailure(tx, message, { error: said, isUncertain: error.kind === "UNKNOWN_OUTCOME", retryInSeconds });
  if (isGone) await recordDisabled(tx, metaOf(tenantId, keyring), { destination, reason: said });
  const facts = { tenantId, messageId: message.id, attempts: message.attempts, kind: error.kind };
  log.info({ ...facts, retryInSeconds }, "a chat or a browser did not accept a message");
}
