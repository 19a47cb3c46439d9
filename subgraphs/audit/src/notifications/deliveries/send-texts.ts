import { randomInt } from "node:crypto";
import { type SmsGateway, SmsRefused, textWithLink, twilioGateway } from "@weft/connectors";
import { channels } from "@weft/shared/event-catalog";
import { chaos } from "@weft/platform/chaos";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { asTenant, type Tx } from "@weft/platform/db";
import { outboundClient } from "@weft/platform/outbound";
import { type Handled, type QueueWorker, startQueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { openAddress } from "../destinations/address.js";
import { recordDisabled } from "../destinations/change.js";
import { CODES_PER_DAY } from "../destinations/confirm.service.js";
import { type DestinationRow, findDestination, noteOfDestination } from "../destinations/destination.store.js";
import { codeHash } from "../destinations/phone-number.js";
import {
  claimCode,
  codeQueue,
  type ClaimedCode,
  countCodesTo,
  countTexts,
  deleteText,
  endLostCodes,
  finishCode,
  insertText,
  lockTexts,
  startCode,
} from "../destinations/text-message.store.js";
import { observedNotification, type ObserveAttempt, resultOfFailure } from "../../queues/attempt.js";
import { reasons } from "./bundle.js";
import { type End, recordFailure, RETRY_SECONDS } from "./claim.js";
import { claimForDestination, metaOf, retryIn } from "./claim-destination.js";
import { openUrl } from "./open-url.js";
import { renderPlain } from "./render.js";
import type { Addressee, TeamAddressee } from "./send.store.js";
import { type ClaimedMessage, finishMessage, messagesIn } from "./message.store.js";

/** Messages that one process sends at the same time. Tenants take turns. */
const CONCURRENT_TEXTS = 4;
/** Validity of a code. A code that could not be sent in this time is not sent any more. */
const CODE_SECONDS = 600;

const messages = messagesIn("SmsMessages", "SMS");

const notes = {
  limit: "The code was not sent, because of a limit. Add the number again tomorrow.",
  failed: "The code could not be sent. Add the number again to get another one.",
  unknown: "The code may not have been sent. If you have not received it, add the number again.",
} as const;

type TextServices = Pick<Services, "config" | "databases" | "pubsub" | "log" | "keys" | "keyring" | "secrets">;

interface TextSenderOptions extends TextServices {
  readonly gateway: SmsGateway;
  readonly onAttempt?: ObserveAttempt | undefined;
}

/**
 * Sends text messages: codes that confirm phone numbers, and notifications. As emails, each is sent at most once: one whose gateway has not answered becomes
 * UNKNOWN. Limits are checked and counted with the claim, so that neither repetitions nor concurrent senders exceed them. Any number of senders can run.
 * Null if this installation sends no text messages.
 */
export async function startTextSender({
  onAttempt,
  keptTexts,
  ...services
}: TextServices & {
  readonly onAttempt?: ObserveAttempt;
  /** What a demo does with messages instead of sending them. Null if there is a gateway, or no messages are sent. */
  readonly keptTexts: SmsGateway["send"] | null;
}): Promise<QueueWorker | null> {
  const { config, databases, pubsub, log } = services;
  const client = outboundClient(config.outbound);
  let token = config.sms?.token ?? "";
  const endChanges = config.secretChanges?.onReplaced(["WEFT_SMS_TOKEN"], (values) => void (token = values.WEFT_SMS_TOKEN ?? token));
  const gateway =
    config.sms === undefined ? keptTexts && { send: keptTexts } : twilioGateway(client, { ...config.sms, token: () => token });
  if (gateway === null) {
    endChanges?.();
    await client.close();
    return null;
  }
  const options = { ...services, gateway, onAttempt };
  const sender = await startQueueWorker({
    name: "textMessages",
    channel: channels.mails,
    concurrency: CONCURRENT_TEXTS,
    databases,
    pubsub,
    log,
    findTenants: async (tx) => [...new Set([...(await codeQueue.findTenants(tx)), ...(await messages.findTenants(tx))])],
    handle: async (tenantId) => {
      // Somebody waits for a code.
      const sent = await deliverCode(options, tenantId);
      return sent === "nothing" ? deliverMessage(options, tenantId) : sent;
    },
  });
  return {
    idle: () => sender.idle(),
    stop: async () => {
      await sender.stop();
      endChanges?.();
      await client.close();
    },
  };
}

const inTenant =
  ({ databases }: TextSenderOptions, tenantId: string) =>
  <T>(fn: (tx: Tx) => Promise<T>): Promise<T> =>
    asTenant(databases.app, { tenantId }, "write", fn);

/** Sends a message. Returns the error, or null if the gateway has accepted it. */
async function attempt({ gateway }: TextSenderOptions, to: string, body: string): Promise<SmsRefused | null> {
  chaos("messages.claimed");
  try {
    await gateway.send({ to, body });
    chaos("messages.sent");
    return null;
  } catch (error) {
    return error instanceof SmsRefused ? error : new SmsRefused("UNKNOWN_OUTCOME", "The attempt failed.", { cause: error });
  }
}

async function phoneNumberOf(tx: Tx, { secrets }: TextSenderOptions, destination: DestinationRow): Promise<string> {
  const address = await openAddress(tx, secrets, destination);
  if (!("phoneNumber" in address)) throw new Error(`The destination ${destination.id} has no phone number.`);
  return address.phoneNumber;
}

interface PreparedCode {
  readonly claimed: ClaimedCode;
  readonly destination: DestinationRow;
  readonly to: string;
  readonly body: string;
}

async function deliverCode(options: TextSenderOptions, tenantId: string): Promise<Handled> {
  const write = inTenant(options, tenantId);
  const { smsPerDay } = (await effectiveConfigOf(options, tenantId)).notifications;
  const prepared = await write((tx) => prepareCode(tx, options, smsPerDay));
  if (prepared === "nothing" || prepared === "done") return prepared;
  const { claimed, destination, to, body } = prepared;
  // Of all tenants, so that nobody can send many codes to a number through several organizations.
  const count = await options.databases.worker
    .begin((tx) => countCodesTo(tx, claimed.addressHash), "read")
    .catch(async (error: unknown) => {
      // Nothing was sent, so it is tried again, and the code does not count as uncertain.
      await write((tx) => codeQueue.postpone(tx, claimed, { seconds: RETRY_SECONDS[0] }));
      throw error;
    });
  if (count > CODES_PER_DAY) {
    await write((tx) => endCode(tx, claimed, notes.limit));
    return "done";
  }
  const observe = observedNotification(options.onAttempt);
  const error = await attempt(options, to, body);
  if (error === null) {
    observe("succeeded");
    await write((tx) => finishCode(tx, claimed, "SENT"));
    return "done";
  }
  const delay = retryIn(error, claimed.claims);
  const seconds = delay !== undefined && claimed.age + delay < CODE_SECONDS ? delay : undefined;
  observe(resultOfFailure({ isUncertain: error.kind === "UNKNOWN_OUTCOME", isRetried: seconds !== undefined }));
  options.log.info({ tenantId, attempts: claimed.claims, kind: error.kind, said: error.message }, "the SMS gateway did not accept a code");
  await write(async (tx) => {
    if (error.kind === "UNKNOWN_OUTCOME") {
      await finishCode(tx, claimed, "UNKNOWN");
      await noteOfDestination(tx, destination.id, notes.unknown);
    } else if (seconds !== undefined) await codeQueue.postpone(tx, claimed, { seconds });
    else if (error.concerns === "number") {
      await finishCode(tx, claimed, "FAILED");
      await recordDisabled(tx, metaOf(tenantId, options.keyring), { destination, reason: error.message });
    } else await endCode(tx, claimed, notes.failed);
  });
  return error.concerns === "gateway" ? "refused" : "done";
}

/** Claims a code and makes it. It is stored as a hash only. */
async function prepareCode(tx: Tx, options: TextSenderOptions, smsPerDay: number): Promise<PreparedCode | "nothing" | "done"> {
  await lockTexts(tx);
  const lost = await endLostCodes(tx);
  const claimed = await claimCode(tx);
  if (claimed === null) return lost > 0 ? "done" : "nothing";
  const { id, addressHash, destinationId, age } = claimed;
  const destination = await findDestination(tx, destinationId);
  const stop = async (note: string): Promise<"done"> => {
    await endCode(tx, claimed, note);
    return "done";
  };
  if (destination?.status !== "UNCONFIRMED" || age >= CODE_SECONDS) return stop(notes.failed);
  if ((await countTexts(tx, { addressHash, exceptId: id })).ofTenant >= smsPerDay) return stop(notes.limit);
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  await startCode(tx, id, { hash: codeHash(options.keys, id, code), validSeconds: CODE_SECONDS });
  // Nothing that a user can choose: strangers may get it.
  const body = `${code} is your Weft code. It is valid for 10 minutes. If you did not ask for it, ignore this message.`;
  return { claimed, destination, to: await phoneNumberOf(tx, options, destination), body };
}

async function endCode(tx: Tx, claimed: ClaimedCode, note: string): Promise<void> {
  await finishCode(tx, claimed, "FAILED");
  await noteOfDestination(tx, claimed.destinationId, note);
}

interface PreparedMessage {
  readonly message: ClaimedMessage;
  readonly destination: DestinationRow;
  /** ID by which the message is counted. */
  readonly textId: string;
  readonly to: string;
  readonly body: string;
}

async function deliverMessage(options: TextSenderOptions, tenantId: string): Promise<Handled> {
  const write = inTenant(options, tenantId);
  const { locale, notifications } = await effectiveConfigOf(options, tenantId);
  const prepared = await write((tx) => prepareMessage(tx, options, { tenantId, locale, ...notifications }));
  if (prepared === "nothing" || prepared === "done") return prepared;
  const { message, destination, textId, to, body } = prepared;
  const observe = observedNotification(options.onAttempt);
  const error = await attempt(options, to, body);
  if (error === null) {
    observe("succeeded");
    await write((tx) => finishMessage(tx, message, { status: "SENT", error: null }));
    return "done";
  }
  const isUncertain = error.kind === "UNKNOWN_OUTCOME";
  const retryInSeconds = retryIn(error, message.attempts);
  observe(resultOfFailure({ isUncertain, isRetried: retryInSeconds !== undefined }));
  await write(async (tx) => {
    if (!isUncertain) await deleteText(tx, textId);
    await recordFailure(tx, message, { error: error.message, isUncertain, retryInSeconds });
    if (error.concerns === "number") await recordDisabled(tx, metaOf(tenantId, options.keyring), { destination, reason: error.message });
  });
  const facts = { tenantId, messageId: message.id, attempts: message.attempts, kind: error.kind };
  options.log.info({ ...facts, retryInSeconds }, "the SMS gateway did not accept a message");
  return error.concerns === "gateway" ? "refused" : "done";
}

interface Limits {
  readonly tenantId: string;
  readonly locale: string;
  readonly smsPerDay: number;
  readonly smsPerNumberAndDay: number;
}

/** Claims a message with notifications, counts it, and writes its text. */
async function prepareMessage(
  tx: Tx,
  options: TextSenderOptions,
  { tenantId, locale, ...limits }: Limits,
): Promise<PreparedMessage | "nothing" | "done"> {
  const claimed = await claimForDestination(tx, options, {
    tenantId,
    messages,
    limitOf: ({ addressHash }, addressee) => limitOf(tx, { addressee, addressHash, ...limits }),
  });
  if (claimed === "nothing" || claimed === "done") return claimed;
  const { message, destination, addressee, items } = claimed;
  const { userId } = addressee;
  if (userId === null) throw new Error("A text message is for a user.");
  const { title, text } = renderPlain({ organization: addressee.organization, locale: addressee.locale ?? locale, items });
  const body = textWithLink(
    `${title}\n${text}`,
    openUrl(options.config.mail.publicUrl, items.length === 1 ? (items[0]?.object ?? null) : null),
  );
  return {
    message,
    destination,
    body,
    textId: await insertText(tx, { ...destination, userId }),
    to: await phoneNumberOf(tx, options, destination),
  };
}

async function limitOf(
  tx: Tx,
  {
    addressee,
    addressHash,
    smsPerDay,
    smsPerNumberAndDay,
  }: { readonly addressee: Addressee | TeamAddressee; readonly addressHash: string } & Omit<Limits, "tenantId" | "locale">,
): Promise<End | null> {
  const suppressed = (reason: string): End => ({ status: "SUPPRESSED", reason });
  if (!addressee.isVerifiedTenant) return suppressed("Nobody in the organization has confirmed an email address.");
  await lockTexts(tx);
  const { ofTenant, ofNumber } = await countTexts(tx, { addressHash });
  if (ofTenant >= smsPerDay) return suppressed(reasons.limitOfTenant);
  return ofNumber >= smsPerNumberAndDay ? suppressed("The phone number has got too many text messages within 24 hours.") : null;
}
