import type { OutboundClient, OutboundPolicy, OutboundRequest } from "@weft/platform/outbound";
import type { StreamAccess } from "../stream.access.js";
import type { StreamedEntry } from "../run/streamed-entry.js";

/** What is sent at once, in the order of the chain. */
export interface StreamBatch {
  /** ID of the stream (`aus_…`). */
  readonly streamId: string;
  readonly url: string;
  readonly access: StreamAccess;
  readonly entries: readonly StreamedEntry[];
}

/** What every transport uses. Only addresses that the policy allows are connected to. */
export interface Outside {
  readonly policy: OutboundPolicy;
  readonly client: OutboundClient;
  /** Name of this installation: the host of its public URL. */
  readonly host: string;
  readonly signal: AbortSignal;
}

/** Sends a batch. When it returns, the receiver has it. A repetition does no harm: entries have IDs. @throws SendingFailed, OutboundFailed */
export type Transport = (batch: StreamBatch, outside: Outside) => Promise<void>;

/** The receiver does not take the batch: why, for administrators. */
export class SendingFailed extends Error {}

/** Nothing of an answer is used but its status. */
const MAX_RESPONSE_BYTES = 1_024;

/** Sends a request over HTTP. Every status of 2xx says that the batch has arrived. @param who answers, for the message: `The storage` */
export async function exchange(
  { client, signal }: Outside,
  who: string,
  request: Omit<OutboundRequest, "maxResponseBytes" | "signal">,
): Promise<void> {
  const { status } = await client.request({ ...request, maxResponseBytes: MAX_RESPONSE_BYTES, signal });
  if (status < 200 || status > 299) throw new SendingFailed(`${who} answered ${status}.`);
}

/** Returns the entries as lines of JSON. */
export const linesOf = (entries: readonly StreamedEntry[]): string => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
