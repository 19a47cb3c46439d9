import { RateLimited, ServiceUnavailable, TenantSuspended, Unauthenticated } from "@weft/shared/errors";

/** Error codes of RFC 6749, sections 5.2 and (for failures of the server) 4.1.2.1. */
export type OAuthCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "temporarily_unavailable"
  | "server_error";

/** A refusal of a token request. */
export class OAuthRefusal extends Error {
  readonly code: OAuthCode;
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    code: OAuthCode,
    message: string,
    {
      status = code === "invalid_client" ? 401 : 400,
      retryAfter,
    }: { readonly status?: number; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.name = "OAuthRefusal";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** The error code of the API that corresponds to the refusal, for metrics, logs and limits. */
  get apiCode(): string {
    if (this.status === 429) return "RATE_LIMITED";
    if (this.code === "server_error") return "INTERNAL";
    if (this.status >= 500) return "SERVICE_UNAVAILABLE";
    return this.code === "invalid_client" || this.code === "invalid_grant" ? "UNAUTHENTICATED" : "BAD_REQUEST";
  }

  /** The message with the characters that RFC 6749, section 5.2 allows. */
  get description(): string {
    return this.message.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, "?");
  }
}

/**
 * Returns the refusal for an error, or null if the error is unexpected.
 * @param code for credentials that are not valid
 */
export function refusalOf(error: unknown, code: "invalid_client" | "invalid_grant"): OAuthRefusal | null {
  if (error instanceof OAuthRefusal) return error;
  if (error instanceof RateLimited) {
    const retryAfter = Number(error.extensions["retryAfter"]);
    return new OAuthRefusal("temporarily_unavailable", error.message, { status: 429, retryAfter });
  }
  if (error instanceof ServiceUnavailable)
    return new OAuthRefusal("temporarily_unavailable", "The service is temporarily unavailable.", { status: 503, retryAfter: 5 });
  if (error instanceof TenantSuspended) return new OAuthRefusal("unauthorized_client", error.message);
  return error instanceof Unauthenticated ? new OAuthRefusal(code, error.message) : null;
}
