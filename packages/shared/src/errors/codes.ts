/** Log level of an error: `error` pages the person on call, `warn` is worth a look, `info` is normal for an API. */
export type ErrorLogLevel = "error" | "warn" | "info" | "debug";

/** Public facts about an error code, from which the reference page of errors is generated. */
export interface ErrorFacts {
  readonly httpStatus: number;
  readonly logLevel: ErrorLogLevel;
  /** Whether the same request can succeed later, without anybody changing it or what it is about. Clients can then repeat it by themselves. */
  readonly isRetryable: boolean;
  /** When the error occurs, as a sentence. */
  readonly description: string;
  /** What the caller can do. */
  readonly remedy: string;
  /** Members of `extensions` in addition to `code`, `isRetryable` and `requestId`. */
  readonly extensions: Readonly<Record<string, string>>;
}

const facts = <const Codes extends Record<string, ErrorFacts>>(codes: Codes): Readonly<Record<keyof Codes, ErrorFacts>> => codes;

const problems = { problems: "`[{ path, message, line?, column? }]`: every problem, with its path inside the input" };

/** Every error code. Codes are never renamed; add new ones here and nowhere else. */
export const errorRegistry = facts({
  UNAUTHENTICATED: {
    httpStatus: 401,
    logLevel: "info",
    isRetryable: false,
    description: "The request has no access token, or the token is expired, invalid, revoked, or issued for another audience.",
    remedy: "Log in with `login`, or renew the access token with `refreshSession`, then send it as `Authorization: Bearer …`.",
    extensions: {},
  },
  MFA_REQUIRED: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description:
      "A second factor is missing. At a login, the password was correct, and the user has a second factor. Anywhere else, the organization or a role requires a second factor that you have not enrolled yet.",
    remedy:
      "With `mfaToken`, call `completeLogin` within five minutes. Without it, enrol a second factor: `enrolTotp` and `confirmTotp`, or `startPasskeyRegistration` and `registerPasskey`. Until then, this session can do nothing else.",
    extensions: {
      mfaToken: "token for `completeLogin`, only at a login; keep it secret",
      methods: "`[PASSKEY | TOTP | RECOVERY_CODE]`: what `completeLogin` accepts, only at a login. Ignore methods that you do not know.",
    },
  },
  PASSWORD_CHANGE_REQUIRED: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description: "At a login, the password was correct, but an administrator has chosen it, so it is temporary.",
    remedy: "Let the user choose a password, call `resetPassword` with `resetToken` within ten minutes, then log in with the new password.",
    extensions: { resetToken: "token for `resetPassword`; keep it secret" },
  },
  REAUTH_REQUIRED: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description: "The operation requires a recent login, and yours was longer ago than `security.stepUpMinutes`.",
    remedy: "Call `reauthenticate` with the password or a code of the second factor, then retry.",
    extensions: { withinMinutes: "maximum age of the login, in minutes" },
  },
  FORBIDDEN: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description: "You are authenticated and the object exists, but none of your roles allows this action.",
    remedy: "Ask an administrator of your tenant for a role that has the permission named in the message.",
    extensions: {},
  },
  NOT_FOUND: {
    httpStatus: 404,
    logLevel: "info",
    isRetryable: false,
    description:
      "The object does not exist, or you cannot see it. IDs of other tenants, of deleted objects, and IDs that were never issued all get the same answer.",
    remedy: "Check the ID, or list the objects that you can see.",
    extensions: {},
  },
  BAD_USER_INPUT: {
    httpStatus: 400,
    logLevel: "info",
    isRetryable: false,
    description: "An argument has an invalid value: it is malformed, out of range, or references something unknown.",
    remedy: "Correct every path listed in `problems`, then retry.",
    extensions: problems,
  },
  DEFINITION_INVALID: {
    httpStatus: 422,
    logLevel: "info",
    isRetryable: false,
    description: "A workflow definition is invalid. All problems are listed, with line and column for YAML.",
    remedy: "Correct the listed `problems`. Use `validateDefinition` to check a definition without saving it.",
    extensions: problems,
  },
  CONFLICT: {
    httpStatus: 409,
    logLevel: "info",
    isRetryable: false,
    description:
      "The object was changed in the meantime, a name is already taken, an idempotency key was reused with different input, or an object to be deleted is still referenced.",
    remedy: "Read the object again and decide whether to retry. The server never retries a conflict by itself.",
    extensions: {
      currentVersion: "current version of the object, if it has one",
      currentState: "current state of the instance, if it has one",
      dependents: "number of objects of each kind that still reference the object to be deleted",
    },
  },
  TRANSITION_REJECTED: {
    httpStatus: 422,
    logLevel: "info",
    isRetryable: false,
    description: "The workflow does not allow this transition now, or does not allow it for you.",
    remedy: "See `reasons`. The instance's `availableTransitions` lists what you can fire now.",
    extensions: { reasons: "`[{ code, message }]`: every reason for the rejection" },
  },
  PROFILE_VIOLATION: {
    httpStatus: 403,
    logLevel: "warn",
    isRetryable: false,
    description:
      "The security profile of the organization or of the definition does not allow a step of the automation. Nothing has begun.",
    remedy:
      "Change the step, or let an administrator allow it: see `securityProfiles`, and the settings `automation.securityProfile` and `automation.ownSecurityProfile`.",
    extensions: {
      rule: "`profile`, `stepTypes`, `commands`, `domains` or `secrets`: the rule that refuses it",
      step: "ID of the step in the definition; null if the profile itself cannot be used",
      profile: "key of the profile",
    },
  },
  UPLOAD_REJECTED: {
    httpStatus: 422,
    logLevel: "info",
    isRetryable: false,
    description:
      "The bytes of a file do not match what was announced for them (size, type, checksum), its type is not accepted, or it contains malware.",
    remedy:
      "See the message. If only the transfer failed (size or checksum), send the bytes again to the same URL; otherwise create another upload.",
    extensions: { isFinal: "whether the upload is over; otherwise, the bytes can be sent again" },
  },
  URL_FORBIDDEN: {
    httpStatus: 422,
    logLevel: "warn",
    isRetryable: false,
    description:
      "A URL must not be called from here: its scheme or port is not allowed, or its host is in a private or reserved network that the operators have not allowed.",
    remedy: "Use an https:// URL of a public host, or ask the operators to add the destination to `WEFT_OUTBOUND_ALLOWED`.",
    extensions: problems,
  },
  LIMIT_EXCEEDED: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description: "The tenant's plan or a fixed limit of Weft is exhausted.",
    remedy: "Remove something, wait until the limit's window ends if it has one, or ask for a larger plan. See `Tenant.usage`.",
    extensions: { limit: "name of the limit, as in `Tenant.usage`", used: "amount used", allowed: "maximum allowed" },
  },
  QUERY_LIMIT_EXCEEDED: {
    httpStatus: 400,
    logLevel: "info",
    isRetryable: false,
    description: "The operation exceeds a limit such as depth, aliases, root fields, tokens, or page size.",
    remedy: "Request less in one operation, or split it.",
    extensions: { limit: "name of the limit", actual: "value of this operation", max: "maximum allowed" },
  },
  OPERATION_NOT_STORED: {
    httpStatus: 400,
    logLevel: "info",
    isRetryable: false,
    description:
      "The request names a document that is not stored, or it has an operation of its own although the organization or the installation only accepts stored ones.",
    remedy:
      "Send the ID of your application (`Weft-Application`), and upload its operations with `pushOperations`. In the explorer, the permission `application.explore` is needed.",
    extensions: {},
  },
  RATE_LIMITED: {
    httpStatus: 429,
    logLevel: "warn",
    isRetryable: true,
    description: "Too many requests in a short time.",
    remedy: "Wait `retryAfter` seconds, then retry.",
    extensions: {
      retryAfter: "seconds to wait",
      rateLimit:
        "the limit that was exceeded: `policy`, `limit`, `remaining`, `windowSeconds`, `resetAt`. Omitted for limits that are no rate of operations",
    },
  },
  CONSISTENCY_TIMEOUT: {
    httpStatus: 503,
    logLevel: "warn",
    isRetryable: true,
    description:
      "The server that you asked did not reach the state of your consistency token in time. Nothing was executed, and no older state was shown.",
    remedy:
      "Retry after `retryAfter` seconds, with the same token. If the error persists, send none: the database may have been restored from a backup without the state of the token.",
    extensions: { retryAfter: "seconds to wait" },
  },
  SERVICE_UNAVAILABLE: {
    httpStatus: 503,
    logLevel: "error",
    isRetryable: true,
    description: "A service that the request needs is down or restarting.",
    remedy: "Retry with exponential backoff and the same idempotency key.",
    extensions: { service: "name of the service" },
  },
  INTERNAL: {
    httpStatus: 500,
    logLevel: "error",
    isRetryable: false,
    description: "An error in Weft. The cause is not shown; the server's log has it under the request ID.",
    remedy: "Report the `requestId`.",
    extensions: {},
  },
  TENANT_SUSPENDED: {
    httpStatus: 403,
    logLevel: "info",
    isRetryable: false,
    description: "The tenant is suspended. Its data can be neither read nor changed.",
    remedy: "Contact the operator of this installation.",
    extensions: {},
  },
});

export type ErrorCode = keyof typeof errorRegistry;

/** Returns whether a value is a registered error code. */
export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(errorRegistry, code);
