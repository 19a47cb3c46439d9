import type { SmsConfig } from "@weft/platform/config";
import type { OutboundClient } from "@weft/platform/outbound";
import { ConnectorError, type ConnectorErrorKind, errorOfFailure, errorOfStatus } from "../errors.js";

/** A text message. */
export interface TextMessage {
  /** Phone number in E.164 format. */
  readonly to: string;
  readonly body: string;
}

/** Passes text messages to a provider. */
export interface SmsGateway {
  /** Resolves when the provider has accepted the message. @throws SmsRefused */
  send(message: TextMessage): Promise<void>;
}

/** What a refusal is about: this message, its phone number, or the gateway as a whole, which accepts nothing at present. */
export type SmsConcern = "message" | "number" | "gateway";

/** A text message that the gateway did not accept, or perhaps not. The error never contains the phone number. */
export class SmsRefused extends ConnectorError {
  readonly concerns: SmsConcern;

  constructor(
    kind: ConnectorErrorKind,
    message: string,
    {
      concerns = "message",
      ...options
    }: { readonly concerns?: SmsConcern; readonly retryAfter?: number | undefined; readonly cause?: unknown },
  ) {
    super(kind, message, options);
    this.name = "SmsRefused";
    this.concerns = concerns;
  }
}

/** Total time of an attempt. */
const TIMEOUT_MS = 10_000;
const MAX_RESPONSE_BYTES = 10_000;

/** Error codes of Twilio by which a number can get no messages, now and later. */
const numberProblems: Readonly<Record<number, string>> = {
  21211: "The phone number does not exist.",
  21214: "The phone number cannot be reached.",
  21217: "The phone number does not exist.",
  21408: "No text messages are sent to the country of the phone number.",
  21610: "The phone number has unsubscribed from text messages.",
  21612: "The phone number cannot be reached.",
  21614: "The phone number is not that of a mobile phone.",
};

/** Statuses that concern the account or the settings, so they say nothing about the message. */
const gatewayStatuses: ReadonlySet<number> = new Set([401, 402, 403, 404, 405]);

/** What a gateway needs. `token` is called for each message, because the secret of the account can be replaced. */
interface TwilioOptions extends Omit<SmsConfig, "prefixes" | "token"> {
  readonly token: () => string;
}

/** Returns a gateway with the API of Twilio (`Messages.json` of 2010-04-01), which other providers have as well. */
export function twilioGateway(client: OutboundClient, { url, account, token, from }: TwilioOptions): SmsGateway {
  const endpoint = `${url}/2010-04-01/Accounts/${account}/Messages.json`;
  const sender = /^MG[0-9a-f]{32}$/.test(from) ? { MessagingServiceSid: from } : { From: from };
  const headers = () => ({
    authorization: `Basic ${Buffer.from(`${account}:${token()}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": "Weft",
  });
  return {
    send: async ({ to, body }) => {
      const form = new URLSearchParams({ To: to, ...sender, Body: body }).toString();
      const error = await client
        .request({
          url: endpoint,
          method: "POST",
          headers: headers(),
          body: form,
          timeoutMs: TIMEOUT_MS,
          maxResponseBytes: MAX_RESPONSE_BYTES,
        })
        .then(({ status, headers: answered, body: text }) => refusalOf(status, answered, text.toString()), failureOf);
      if (error !== null) throw error;
    },
  };
}

/** Returns why an answer refuses a message. Null if it accepts it. What the gateway says is not repeated, because it can contain the number. */
function refusalOf(status: number, headers: Readonly<Record<string, string>>, text: string): SmsRefused | null {
  const error = errorOfStatus({ status, headers, text: "" }, false);
  if (error === null) return null;
  const code = codeIn(text);
  const problem = code === null ? undefined : numberProblems[code];
  if (problem !== undefined) return new SmsRefused("PERMANENT", problem, { concerns: "number" });
  const { retryAfter } = error;
  const said = `${error.message}${code === null ? "" : ` (error ${code})`}`;
  if ((status >= 300 && status < 400) || gatewayStatuses.has(status)) return new SmsRefused("RETRYABLE", said, { concerns: "gateway" });
  // Servers ask to try again only what they have not done.
  const kind = status >= 500 && headers["retry-after"] !== undefined ? "RETRYABLE" : error.kind;
  return new SmsRefused(kind, said, { retryAfter });
}

function failureOf(cause: unknown): SmsRefused {
  const error = errorOfFailure(cause, false);
  if (!(error instanceof ConnectorError)) return new SmsRefused("UNKNOWN_OUTCOME", "The attempt failed.", { cause });
  // The operators have set an address that Weft must not reach. They can allow it.
  if (error.kind === "FORBIDDEN_DESTINATION") return new SmsRefused("RETRYABLE", error.message, { concerns: "gateway", cause });
  return new SmsRefused(error.kind, error.message, { cause, ...(error.kind === "RETRYABLE" && { concerns: "gateway" }) });
}

/** Returns the error code of an answer. Null if it has none, or is not JSON. */
function codeIn(text: string): number | null {
  try {
    const { code } = JSON.parse(text) as { readonly code?: unknown };
    return typeof code === "number" && Number.isSafeInteger(code) ? code : null;
  } catch {
    return null;
  }
}
