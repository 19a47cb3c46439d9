/** Requests to chats and push services, and what an attempt to send one comes to. */
import { chatMessage, ConnectorError, errorOfFailure, errorOfStatus } from "@weft/connectors";
import type { OutboundClient, OutboundRequest } from "@weft/platform/outbound";

/** Total time of an attempt. */
const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 10_000;
/** Statuses by which a chat or a push service says that the destination does not exist any more. */
const goneStatuses: ReadonlySet<number> = new Set([404, 410]);

export type DestinationRequest = Pick<OutboundRequest, "url" | "headers" | "body">;

/** Returns the request that posts a message to an incoming webhook. */
export function chatRequest(
  { url, format }: { readonly url: string; readonly format: string | null },
  message: { readonly title: string; readonly text: string; readonly url: string },
): DestinationRequest {
  const body = chatMessage(format === "TEAMS" ? "TEAMS" : "SLACK", message);
  return { url, headers: { "content-type": "application/json", "user-agent": "Weft" }, body: JSON.stringify(body) };
}

/** What an attempt came to. */
interface Attempt {
  /** Null if the receiver has accepted the message. */
  readonly error: ConnectorError | null;
  /** Whether the destination does not exist any more. */
  readonly isGone: boolean;
}

/** Sends a request once. */
export async function attempt(client: OutboundClient, request: DestinationRequest): Promise<Attempt> {
  try {
    const sent = { ...request, method: "POST" as const, timeoutMs: TIMEOUT_MS, maxResponseBytes: MAX_RESPONSE_BYTES };
    const { status, headers, body } = await client.request(sent);
    const error = errorOfStatus({ status, headers, text: body.subarray(0, 300).toString() }, false);
    return { error, isGone: error !== null && goneStatuses.has(status) };
  } catch (error) {
    const known = errorOfFailure(error, false);
    if (known instanceof ConnectorError) return { error: known, isGone: false };
    return { error: new ConnectorError("UNKNOWN_OUTCOME", "The attempt failed.", { cause: error }), isGone: false };
  }
}
