import { RateLimited, ServiceUnavailable, TenantSuspended, Unauthenticated } from "@weft/shared";

/** Error codes of RFC 6749, section 5.2, and one for refusals that a later attempt can succeed after. */
export type OAuthCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "temporarily_unavailable";

/** A refusal of a token request. */
export class OAuthRefusal extends Error {
  readonly code: OAuthCode;
  readonly status: number;
  /** Whether the client has tried HTTP Basic. */
  readonly isBasic: boolean;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    code: OAuthCode,
    message: string,
    {
      status = code === "invalid_client" ? 401 : 400,
      isBasic = false,
      retryAfter,
    }: { readonly status?: number; readonly isBasic?: boolean; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.name = "OAuthRefusal";
    this.code = code;
    this.status = status;
    this.isBasic = isBasic;
    this.retryAfter = retryAfter;
  }
}

/**
 * Returns the refusal for an error, or null if the error is unexpected.
 * @param code for credentials that are not valid
 */
export function refusalOf(error: unknown, code: "invalid_client" | "invalid_grant", isBasic = false): OAuthRefusal | null {
  if (error instanceof OAuthRefusal) return error;
  if (error instanceof RateLimited) {
    const retryAfter = Number(error.extensions["retryAfter"]);
    return new OAuthRefusal("temporarily_unavailable", error.message, { status: 429, retryAfter });
  }
  if (error instanceof ServiceUnavailable)
    return new OAuthRefusal("temporarily_unavailable", "The service is temporarily unavailable.", { status: 503, retryAfter: 5 });
  if (error instanceof TenantSuspended) return new OAuthRefusal("unauthorized_client", error.message);
  return error instanceof Unauthenticated ? new OAuthRefusal(code, error.message, { isBasic }) : null;
}
