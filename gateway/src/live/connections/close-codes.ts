/**
 * Codes with which the gateway closes sockets. graphql-ws defines the protocol's own codes. 4403 and codes below 4000 tell clients to reconnect with
 * their cursor.
 */
export const closeCodes = {
  /** The server is shutting down. Reconnect at once, to another server. */
  restart: { code: 1012, reason: "Service restart" },
  /** Something that an event needs was unavailable for longer than the retries. */
  tryAgain: { code: 1013, reason: "Try again later" },
  /** Not a text message of the protocol. */
  badMessage: { code: 4400, reason: "Text messages only" },
  /** The session is missing or no longer valid. Log in. */
  unauthorized: { code: 4401, reason: "Unauthorized" },
  /** The user must enrol a second factor first. */
  mfaRequired: { code: 4401, reason: "MFA_REQUIRED" },
  /** The token has expired, or the rights have changed. Reconnect with a new token. */
  renew: { code: 4403, reason: "Forbidden: renew the access token" },
  tooMany: { code: 4429, reason: "Too many" },
  tooSlow: { code: 4508, reason: "Too slow" },
} as const;

export type CloseReason = (typeof closeCodes)[keyof typeof closeCodes];
