import { OutboundFailed } from "@weft/platform/outbound";

/**
 * Why a call failed. `RETRYABLE`: the system did nothing, and a later attempt can succeed. `PERMANENT`: repeating the call gives the same error.
 * `UNKNOWN_OUTCOME`: the call was sent, but there is no answer, so the system may have carried it out. `FORBIDDEN_DESTINATION`: the destination is in
 * a network that tenants must not reach.
 */
export type ConnectorErrorKind = "RETRYABLE" | "PERMANENT" | "UNKNOWN_OUTCOME" | "FORBIDDEN_DESTINATION";

/** A call or a check that failed. The message is shown to administrators of the tenant. */
export class ConnectorError extends Error {
  readonly kind: ConnectorErrorKind;
  /** The receiver's wish, in seconds. */
  readonly retryAfter: number | undefined;

  constructor(kind: ConnectorErrorKind, message: string, { retryAfter, cause }: { retryAfter?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = "ConnectorError";
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}

/**
 * Returns the error of an HTTP request without a response. If the connection was established, the request may have been carried out.
 * @param isIdempotent whether the request can be repeated all the same
 */
export function errorOfFailure(error: unknown, isIdempotent: boolean): unknown {
  if (!(error instanceof OutboundFailed)) return error;
  const { reason, message, cause } = error;
  if (reason === "FORBIDDEN") return new ConnectorError("FORBIDDEN_DESTINATION", message, { cause: error });
  const wasSent =
    reason !== "DNS" &&
    reason !== "CONNECT" &&
    reason !== "TLS" &&
    (cause as { code?: string } | undefined)?.code !== "UND_ERR_CONNECT_TIMEOUT";
  return new ConnectorError(wasSent && !isIdempotent ? "UNKNOWN_OUTCOME" : "RETRYABLE", message, { cause: error });
}

/** Statuses by which a server says that it did nothing. */
const notProcessed: ReadonlySet<number> = new Set([408, 425, 429, 503]);
const MAX_RETRY_AFTER_SECONDS = 24 * 3600;

/** Returns the error of an HTTP response, or null if it says that the call succeeded. Redirects are errors, because they are never followed. */
export function errorOfStatus(
  { status, headers, text }: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string },
  isIdempotent: boolean,
): ConnectorError | null {
  if (status >= 200 && status < 300) return null;
  const said = text.trim() === "" ? "" : `: ${text.trim().slice(0, 300)}`;
  if (notProcessed.has(status))
    return new ConnectorError("RETRYABLE", `The server answered ${status}${said}`, { retryAfter: secondsOf(headers["retry-after"]) });
  if (status >= 500) return new ConnectorError(isIdempotent ? "RETRYABLE" : "UNKNOWN_OUTCOME", `The server answered ${status}${said}`);
  if (status >= 300 && status < 400)
    return new ConnectorError("PERMANENT", `The server answered with a redirect (${status}), which is not followed.`);
  return new ConnectorError("PERMANENT", `The server answered ${status}${said}`);
}

/** Reads `Retry-After`: seconds, or a date. At most a day. */
function secondsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS) : undefined;
}
