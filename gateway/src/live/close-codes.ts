/** Why we close a socket; the protocol's own codes are graphql-ws's. 4403 and those below 4000 tell a client to come back, with its cursor. */
export const closeCodes = {
  /** The server is going down: come back at once, to another. */
  restart: { code: 1012, reason: "Service restart" },
  /** Something that an event needs is down for longer than we tried. */
  tryAgain: { code: 1013, reason: "Try again later" },
  /** Not a text message of the protocol. */
  badMessage: { code: 4400, reason: "Text messages only" },
  /** No valid session, or none any more: log in. */
  unauthorized: { code: 4401, reason: "Unauthorized" },
  /** The token has expired, or the rights have changed: come back with a fresh token. */
  renew: { code: 4403, reason: "Forbidden: renew the access token" },
  tooMany: { code: 4429, reason: "Too many" },
  tooSlow: { code: 4508, reason: "Too slow" },
} as const;

export type CloseReason = (typeof closeCodes)[keyof typeof closeCodes];
