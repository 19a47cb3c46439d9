/** How loudly an error of a code is logged: `error` wakes somebody, `warn` is looked at, `info` is the normal life of an API. */
export type ErrorLogLevel = "error" | "warn" | "info" | "debug";

/** What the world knows about an error code; `docs/errors.md` is made of these. */
export interface ErrorFacts {
  readonly httpStatus: number;
  readonly logLevel: ErrorLogLevel;
  /** When it is answered, in a sentence. */
  readonly description: string;
  /** What the caller can do about it. */
  readonly remedy: string;
  /** Further members of `extensions` beside `code` and `requestId`. */
  readonly extensions: Readonly<Record<string, string>>;
}

const facts = <const Codes extends Record<string, ErrorFacts>>(codes: Codes): Readonly<Record<keyof Codes, ErrorFacts>> => codes;

const problems = { problems: "`[{ path, message, line?, column? }]`: everything that is wrong, each with the path inside the input" };

/** Every code that Weft answers with. Codes are never renamed; new ones are added here and nowhere else. */
export const errorRegistry = facts({
  UNAUTHENTICATED: {
    httpStatus: 401,
    logLevel: "info",
    description: "Nobody is logged in, or the token is expired, forged, revoked or meant for somebody else.",
    remedy: "Log in with `login`, or renew the access token with `refreshSession`, and send it as `Authorization: Bearer …`.",
    extensions: {},
  },
  FORBIDDEN: {
    httpStatus: 403,
    logLevel: "info",
    description: "You are known, and what you ask for exists, but none of your roles allows it.",
    remedy: "Ask an administrator of your tenant for a role with the permission that the message names.",
    extensions: {},
  },
  NOT_FOUND: {
    httpStatus: 404,
    logLevel: "info",
    description: "The object acted on does not exist for you: foreign, deleted and never issued ids answer alike.",
    remedy: "Check the id; list the objects that you can see.",
    extensions: {},
  },
  BAD_USER_INPUT: {
    httpStatus: 400,
    logLevel: "info",
    description: "An argument has a value that cannot be meant: malformed, out of range, or naming something unknown.",
    remedy: "Correct every path listed in `problems` and send again.",
    extensions: problems,
  },
  DEFINITION_INVALID: {
    httpStatus: 422,
    logLevel: "info",
    description: "A workflow definition has mistakes; all of them are listed, for YAML with line and column.",
    remedy: "Correct what `problems` lists; `validateDefinition` checks without saving.",
    extensions: problems,
  },
  CONFLICT: {
    httpStatus: 409,
    logLevel: "info",
    description:
      "Somebody else changed the object first, a name is taken, an idempotency key was used with another input, or something still refers to an object that is to be deleted.",
    remedy: "Read the object again and decide anew; the server never retries a conflict by itself.",
    extensions: {
      currentVersion: "version of the object now, where one exists",
      currentState: "state of the instance now, where one exists",
      dependents: "what still refers to an object that can't be deleted: how many of each kind",
    },
  },
  TRANSITION_REJECTED: {
    httpStatus: 422,
    logLevel: "info",
    description: "The workflow does not allow this transition now, or not to you.",
    remedy: "See `reasons`, and `availableTransitions` of the instance for what is open.",
    extensions: { reasons: "`[{ code, message }]`: every reason why not" },
  },
  LIMIT_EXCEEDED: {
    httpStatus: 403,
    logLevel: "info",
    description: "The plan of the tenant, or a fixed bound of Weft, does not allow more of this.",
    remedy: "Remove something, wait for the end of the window where there is one, or ask for a larger plan; see `Tenant.usage`.",
    extensions: { limit: "name of the limit, as in `Tenant.usage`", used: "what is used of it", allowed: "its value" },
  },
  QUERY_LIMIT_EXCEEDED: {
    httpStatus: 400,
    logLevel: "info",
    description: "The operation is larger than Weft answers: depth, aliases, root fields, tokens, page sizes and the like.",
    remedy: "Ask for less in one operation.",
    extensions: { limit: "name of the limit", actual: "what the operation has", max: "what is allowed" },
  },
  RATE_LIMITED: {
    httpStatus: 429,
    logLevel: "warn",
    description: "Too many attempts in a short time.",
    remedy: "Wait `retryAfter` seconds.",
    extensions: { retryAfter: "seconds" },
  },
  SERVICE_UNAVAILABLE: {
    httpStatus: 503,
    logLevel: "error",
    description: "A part that the answer needs is down or restarting.",
    remedy: "Try again with a back-off and the same idempotency key.",
    extensions: { service: "which part" },
  },
  INTERNAL: {
    httpStatus: 500,
    logLevel: "error",
    description: "A mistake of ours. Nothing of its cause is shown; the server's log has it under the request id.",
    remedy: "Report the `requestId`.",
    extensions: {},
  },
  TENANT_SUSPENDED: {
    httpStatus: 403,
    logLevel: "info",
    description: "The tenant is suspended: nothing of it can be read or changed.",
    remedy: "Contact whoever runs this installation.",
    extensions: {},
  },
});

export type ErrorCode = keyof typeof errorRegistry;

/** True for a code of the registry. */
export const isErrorCode = (code: unknown): code is ErrorCode => typeof code === "string" && Object.hasOwn(errorRegistry, code);
