import type { WeftError } from "@weft/client";
import { statuses } from "../generated/statuses.js";

/** A problem in the sense of RFC 9457. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** The ID of the request to Weft, by which its log has it. */
  readonly requestId?: string;
  /** When the caller can try again, in seconds. It is also the header `Retry-After`. */
  readonly retryAfter?: number;
  readonly [more: string]: unknown;
}

/** Errors of the client: Weft gave no answer. */
const withoutAnswer: Readonly<Record<string, number>> = { NETWORK_ERROR: 503, UNKNOWN_OUTCOME: 503 };

export const problemType = "application/problem+json";

export const unauthenticated: Problem = {
  title: "Unauthenticated",
  status: 401,
  detail: "The request has no valid access token.",
  code: "UNAUTHENTICATED",
};

/** Returns the problem for an error of the API. Other errors are not for the caller. */
export function problemOf(error: WeftError): Problem {
  const { code, message, extensions, requestId, retryAfterMs } = error;
  const { problems, reasons } = extensions;
  return {
    title: code,
    status: statuses[code] ?? withoutAnswer[code] ?? 500,
    detail: message,
    code,
    ...(problems !== undefined && { problems }),
    ...(reasons !== undefined && { reasons }),
    ...(requestId !== null && { requestId }),
    ...(retryAfterMs !== null && { retryAfter: Math.ceil(retryAfterMs / 1000) }),
  };
}
