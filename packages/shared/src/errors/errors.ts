import { GraphQLError } from "graphql";
import { errorRegistry } from "./codes.js";
import type { ErrorCode, ErrorLogLevel } from "./codes.js";

/** A problem in an input or a definition. `path` is a dotted path from the argument (`input.data.estimate`); line and column start at 1. */
export interface Problem {
  path: string;
  message: string;
  line?: number;
  column?: number;
}

/** Why a transition is rejected: a stable code and a sentence. */
export interface RejectionReason {
  code: string;
  message: string;
}

interface Details {
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Base class of all errors that callers see. Everything else that is thrown is a bug and is masked as INTERNAL. */
export abstract class WeftError extends GraphQLError {
  readonly code: ErrorCode;

  protected constructor(code: ErrorCode, message: string, { extensions, cause }: Details = {}) {
    super(message, { extensions: { ...extensions, code } });
    this.name = new.target.name;
    this.code = code;
    if (cause !== undefined) Object.defineProperty(this, "cause", { value: cause, enumerable: false });
  }

  /** The registered log level of the error's code. */
  get logLevel(): ErrorLogLevel {
    return errorRegistry[this.code].logLevel;
  }
}

export class Unauthenticated extends WeftError {
  constructor(message = "A valid access token is required. Log in first.") {
    super("UNAUTHENTICATED", message);
  }
}

/** A second factor is missing: of a login, or of a user who must have one. */
export class MfaRequired extends WeftError {
  /** @param pending of a login: the token for `completeLogin`, and the methods that it accepts */
  constructor(pending?: { readonly mfaToken: string; readonly methods: readonly string[] }) {
    super(
      "MFA_REQUIRED",
      pending
        ? "The password is correct. Complete the login with your second factor: see completeLogin."
        : "Your organization requires a second factor. Set it up with enrolTotp and confirmTotp, or with startPasskeyRegistration and registerPasskey. Until then, nothing else is possible.",
      pending && { extensions: { ...pending } },
    );
  }
}

/** The password of a login is correct, but somebody else has chosen it, so it opens no session. */
export class PasswordChangeRequired extends WeftError {
  /** @param resetToken for `resetPassword` */
  constructor(resetToken: string) {
    super(
      "PASSWORD_CHANGE_REQUIRED",
      "The password is correct, but temporary. Choose one of your own: see resetPassword. Then log in with it.",
      { extensions: { resetToken } },
    );
  }
}

/** The operation requires a more recent login. */
export class ReauthRequired extends WeftError {
  constructor({ withinMinutes }: { readonly withinMinutes: number }) {
    super("REAUTH_REQUIRED", `This requires a login within the last ${withinMinutes} min. Call reauthenticate, then try again.`, {
      extensions: { withinMinutes },
    });
  }
}

export class Forbidden extends WeftError {
  constructor(message = "You are not allowed to do this.") {
    super("FORBIDDEN", message);
  }
}

/** The object does not exist or is not visible. IDs of other tenants, of deleted objects, and IDs that were never issued get the same message. */
export class NotFound extends WeftError {
  /**
   * @param type name of the GraphQL type, or words such as `deleted building`
   * @param id the ID as the caller wrote it (a TypeID)
   */
  constructor(type: string, id: string) {
    super("NOT_FOUND", `No ${type} with the ID ${quote(id)} exists.`);
  }
}

/** Maximum number of problems in an error. More would not help, and a response of megabytes would harm the client that reads it. */
const maxProblems = 100;

export class BadUserInput extends WeftError {
  /** The first hundred problems. The message contains the total. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const shown = problems.slice(0, maxProblems);
    super("BAD_USER_INPUT", sentence(problems, "The input is invalid."), { extensions: { problems: shown } });
    this.problems = shown;
  }
}

export class DefinitionInvalid extends WeftError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("DEFINITION_INVALID", sentence(problems, "The definition is invalid."), { extensions: { problems } });
    this.problems = problems;
  }
}

interface ConflictDetails {
  readonly currentVersion?: number;
  readonly currentState?: string;
  /** Number of objects that still reference the object, by kind. */
  readonly dependents?: Readonly<Record<string, number>>;
}

export class Conflict extends WeftError {
  constructor(message: string, details: ConflictDetails = {}) {
    super("CONFLICT", message, { extensions: { ...details } });
  }
}

export class TransitionRejected extends WeftError {
  readonly reasons: readonly RejectionReason[];

  constructor(reasons: readonly RejectionReason[], message?: string) {
    const first = reasons[0] && `${reasons[0].message}${andMore(reasons.length, "reasons")}`;
    super("TRANSITION_REJECTED", message ?? first ?? "The transition is not available.", { extensions: { reasons } });
    this.reasons = reasons;
  }
}

/** The bytes of a file are not what was announced, or not accepted. */
export class UploadRejected extends WeftError {
  readonly isFinal: boolean;

  /** @param isFinal whether the upload is over; otherwise, the bytes can be sent again */
  constructor(message: string, { isFinal }: { readonly isFinal: boolean }) {
    super("UPLOAD_REJECTED", message, { extensions: { isFinal } });
    this.isFinal = isFinal;
  }
}

/** A step that the security profile of its run refuses. */
export class ProfileViolated extends WeftError {
  readonly rule: "profile" | "stepTypes" | "commands" | "domains" | "secrets" | "network";
  readonly step: string | null;
  readonly profile: string;
  /** UUID of the definition, for the record. */
  readonly definitionId: string;

  /**
   * @param message a sentence that names the step, the rule and the profile
   */
  constructor({
    rule,
    step,
    profile,
    definitionId,
    message,
  }: Pick<ProfileViolated, "rule" | "step" | "profile" | "definitionId" | "message">) {
    super("PROFILE_VIOLATION", message, { extensions: { rule, step, profile } });
    this.rule = rule;
    this.step = step;
    this.profile = profile;
    this.definitionId = definitionId;
  }
}

/** A URL that must not be called from here. */
export class UrlForbidden extends WeftError {
  /** The same as a problem of the input, for errors that have several. */
  readonly problem: Problem;

  /**
   * @param path the argument, such as `input.url`
   * @param message a sentence with the URL and the reason
   */
  constructor(path: string, message: string) {
    super("URL_FORBIDDEN", `${path}: ${message}`, { extensions: { problems: [{ path, message }] } });
    this.problem = { path, message };
  }
}

/** A limit of the plan, or a fixed limit of Weft. */
export class LimitExceeded extends WeftError {
  /**
   * @param limit name of the limit; for limits of the plan, as in `Tenant.usage`
   * @param used amount used before the rejected call
   * @param allowed maximum
   */
  constructor({ limit, used, allowed }: { limit: string; used: number; allowed: number }) {
    super("LIMIT_EXCEEDED", `The limit ${limit} is reached: ${used} of ${allowed} used.`, { extensions: { limit, used, allowed } });
  }
}

export class QueryLimitExceeded extends WeftError {
  constructor({ limit, actual, max }: { limit: string; actual: number; max: number }) {
    super("QUERY_LIMIT_EXCEEDED", `The operation exceeds the limit ${limit}: ${actual}, at most ${max} allowed.`, {
      extensions: { limit, actual, max },
    });
  }
}

/** A document is not stored, or an operation is not, where only stored ones are accepted. */
export class OperationNotStored extends WeftError {
  /** @param message a sentence that says what is not stored, and what to do */
  constructor(message: string) {
    super("OPERATION_NOT_STORED", message);
  }
}

/** A rate of operations that was exceeded, as clients see it. */
export interface ExceededRate {
  /** For example `user-minute`, as in the header RateLimit-Policy. */
  readonly policy: string;
  readonly limit: number;
  readonly remaining: number;
  readonly windowSeconds: number;
  /** ISO 8601. */
  readonly resetAt: string;
}

export class RateLimited extends WeftError {
  readonly retryAfter: number;

  /**
   * @param retryAfter whole seconds
   * @param rateLimit the rate of operations that was exceeded; omitted for other limits
   * @param reason a sentence that says what exceeded the limit
   */
  constructor({ retryAfter, rateLimit }: { retryAfter: number; rateLimit?: ExceededRate }, reason = "Too many attempts.") {
    const extensions = rateLimit === undefined ? { retryAfter } : { retryAfter, rateLimit };
    super("RATE_LIMITED", `${reason} Try again in ${retryAfter} s.`, { extensions });
    this.retryAfter = retryAfter;
  }
}

/** The state of a consistency token was not reached in time. */
export class ConsistencyTimeout extends WeftError {
  /**
   * @param waitedMs how long it was waited for
   * @param retryAfter seconds
   */
  constructor(waitedMs: number, retryAfter = 1) {
    super(
      "CONSISTENCY_TIMEOUT",
      `This server did not reach the state of your consistency token within ${Math.round(waitedMs)} ms. Try again in ${retryAfter} s with the same token.`,
      { extensions: { retryAfter } },
    );
  }
}

export class ServiceUnavailable extends WeftError {
  /**
   * @param service name of the unavailable service, as operators know it
   * @param cause logged, never shown
   */
  constructor(service: string, cause?: unknown) {
    super("SERVICE_UNAVAILABLE", `${service} is temporarily unavailable. Try again shortly.`, { extensions: { service }, cause });
  }
}

/** The response is no longer needed: the client disconnected, or the gateway abandoned the call. A caller that still receives it can retry. */
export class Abandoned extends ServiceUnavailable {
  constructor(reason: unknown) {
    super("gateway", reason);
  }

  override get logLevel(): ErrorLogLevel {
    return "debug";
  }
}

/**
 * The tenant's own work holds its whole share of database connections. Background work retries later; requests fail with `RateLimited`.
 */
export class ShareUsed extends ServiceUnavailable {
  constructor(cause: Error) {
    super("database", cause);
  }
}

/** A masked bug, as clients see it. Throw ordinary errors for bugs; the edge converts them. */
export class Internal extends WeftError {
  constructor(cause?: unknown) {
    super("INTERNAL", "An internal error occurred.", { cause });
  }
}

export class TenantSuspended extends WeftError {
  constructor() {
    super("TENANT_SUSPENDED", "This tenant is suspended.");
  }
}

/** Returns the first problem with its path, and the number of further problems. */
function sentence(problems: readonly Problem[], otherwise: string): string {
  const [first] = problems;
  if (!first) return otherwise;
  const more = andMore(problems.length, "problems");
  return first.path === "" ? `${first.message}${more}` : `${first.path}: ${first.message}${more}`;
}

const andMore = (count: number, where: string): string => (count > 1 ? ` (and ${count - 1} more, see ${where})` : "");

/** Quotes a value of the caller for a message: on one line and truncated, so that it can neither flood nor forge a log line. */
export function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return JSON.stringify(shown);
}
