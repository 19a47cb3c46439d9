/** Sends one claimed delivery. No transaction is open meanwhile. */
import { newId } from "@weft/shared/ids";
import { storable } from "@weft/shared/texts";
import { type OutboundClient, OutboundFailed, type OutboundResponse } from "@weft/platform/outbound";
import { webhookSignature } from "@weft/platform/webhooks";
import type { AttemptResult } from "./finish.store.js";
import { readRetryAfter, secondsUntilRetry } from "./retry.js";

/** Time for the whole exchange. */
export const TIMEOUT_MS = 15_000;
/** Bytes of the response that are read and kept. */
const MAX_RESPONSE_BYTES = 16_384;
const MAX_KEPT_HEADERS = 50;
const MAX_KEPT_HEADER_CHARS = 1_000;
const MAX_ERROR_CHARS = 500;
const GONE = 410;

/** A claimed delivery with its secrets in plain text. */
export interface OutgoingDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly claimToken: string;
  readonly messageId: string;
  readonly attempts: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Null if the event is no longer stored. */
  readonly body: string | null;
  /** User with whose rights the payload in the body was selected. Null if it was not selected. */
  readonly payloadUserId: string | null;
}

/** `isGone`: the endpoint wants no further requests. `aborted`: the sender stops, so nothing is known of the attempt. */
export type Sent = { readonly result: AttemptResult; readonly isGone: boolean } | "aborted";

/** Sends the request, and returns what came of it. Never throws. */
export async function sendDelivery(
  client: OutboundClient,
  delivery: OutgoingDelivery,
  { signal, retrySeconds }: { readonly signal: AbortSignal; readonly retrySeconds?: readonly number[] | undefined },
): Promise<Sent> {
  const { id, webhookId, claimToken, messageId, attempts, url, headers, secrets, body, payloadUserId } = delivery;
  const started = Date.now();
  const timestamp = Math.floor(started / 1_000);
  const own = {
    "content-type": "application/json",
    "user-agent": "Weft-Webhooks/1",
    "webhook-id": messageId,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": webhookSignature({ id: messageId, timestamp, body: body ?? "" }, secrets),
  };
  const base = {
    id: newId(),
    deliveryId: id,
    webhookId,
    claimToken,
    payloadUserId,
    number: attempts,
    startedAt: new Date(started).toISOString(),
    requestHeaders: { ...own, ...Object.fromEntries(Object.keys(headers).map((name) => [name.toLowerCase(), "***"])) },
  };
  const failed = (error: string, more: { readonly latencyMs: number; readonly isFinal?: true }): Sent => ({
    result: {
      ...base,
      latencyMs: more.latencyMs,
      status: null,
      responseHeaders: null,
      responseBody: null,
      isTruncated: false,
      error: error.slice(0, MAX_ERROR_CHARS),
      retryInSeconds: more.isFinal ? null : secondsUntilRetry(attempts, { ...(retrySeconds && { schedule: retrySeconds }) }),
      blockSeconds: null,
    },
    isGone: false,
  });
  if (body === null) return failed("The event is no longer stored.", { latencyMs: 0, isFinal: true });
  try {
    const response = await client.request({
      url,
      method: "POST",
      headers: { ...headers, ...own },
      body,
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      signal,
    });
    return answered(response);
  } catch (error) {
    if (error instanceof OutboundFailed && error.reason === "ABORTED") return "aborted";
    const message = error instanceof OutboundFailed ? error.message : "The request could not be sent.";
    return failed(message, { latencyMs: Date.now() - started });
  }

  function answered({ status, headers: given, body: bytes, isTruncated, latencyMs }: OutboundResponse): Sent {
    const isDelivered = status >= 200 && status < 300;
    const isGone = status === GONE;
    const retryAfter = readRetryAfter(given["retry-after"], Date.now());
    return {
      isGone,
      result: {
        ...base,
        latencyMs,
        status,
        responseHeaders: keptHeaders(given),
        responseBody: bytes.length === 0 ? null : textOf(bytes),
        isTruncated,
        error: isDelivered ? null : errorOf(status),
        retryInSeconds:
          isDelivered || isGone ? null : secondsUntilRetry(attempts, { retryAfter, ...(retrySeconds && { schedule: retrySeconds }) }),
        blockSeconds: isDelivered ? null : (retryAfter ?? null),
      },
    };
  }
}

function errorOf(status: number): string {
  if (status === GONE) return "The endpoint answered 410 Gone.";
  if (status >= 300 && status < 400) return `The endpoint answered with a redirect (${status}), which is not followed. Change the URL.`;
  return `The endpoint answered with status ${status}.`;
}

const keptHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .slice(0, MAX_KEPT_HEADERS)
      .map(([name, value]) => [name, storable(value.slice(0, MAX_KEPT_HEADER_CHARS))]),
  );

/** PostgreSQL stores no null characters and no lone surrogates. */
const textOf = (bytes: Buffer): string => storable(bytes.toString("utf8"));
