/** Errors of the API as classes. `docs/reference/errors.md` says when each occurs, and what to do. */

/** What is wrong with an input, and where: `input.title`, `input.items.2.name`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** A reason why a workflow does not allow a transition. */
export interface RejectionReason {
  readonly code: string;
  readonly message: string;
}

/** An error as the API sends it. */
export interface ErrorAnswer {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What the client knows of an answer with errors. */
export interface ErrorContext {
  /** The request's ID, by which the server's log has it. */
  readonly requestId?: string | null;
  /** All errors of the answer, this one included. */
  readonly errors?: readonly WeftError[];
  /** What was answered in spite of the errors. */
  readonly data?: unknown;
  readonly cause?: unknown;
}

/** An error of the API, or of the way to it. Decide by its class or `code`; messages are for people, and can change. */
export class WeftError extends Error {
  override readonly name: string = "WeftError";
  /** For example `CONFLICT`. Codes are never renamed, but there can be new ones. */
  readonly code: string;
  /** Path of the field that failed, if one did. */
  declare readonly path?: readonly (string | number)[];
  readonly requestId: string | null;
  /** Whether the same request can succeed later, without anybody changing it or what it is about. */
  readonly isRetryable: boolean;
  /** How long to wait before the next attempt, in ms. Null: the server does not say. */
  readonly retryAfterMs: number | null;
  /** Everything that the server says about the error. It can contain secrets, so it is not enumerable: loggers leave it out. */
  declare readonly extensions: Readonly<Record<string, unknown>>;
  /** What was answered in spite of the error: other fields of the operation. Not enumerable. */
  declare readonly data: unknown;
  /** All errors of the answer, this one included. Not enumerable. */
  declare readonly errors: readonly WeftError[];

  constructor({ message, path, extensions = {} }: ErrorAnswer, { requestId, errors, data, cause }: ErrorContext = {}) {
    super(message, cause === undefined ? undefined : { cause });
    const { code, isRetryable, retryAfter } = extensions;
    this.code = typeof code === "string" ? code : "UNKNOWN";
    if (path) this.path = path;
    this.requestId = typeof extensions["requestId"] === "string" ? extensions["requestId"] : (requestId ?? null);
    this.isRetryable = isRetryable === true;
    this.retryAfterMs = typeof retryAfter === "number" ? retryAfter * 1000 : null;
    Object.defineProperties(this, { extensions: { value: extensions }, data: { value: data }, errors: { value: errors ?? [this] } });
  }

  /** For logs: without data and secrets. */
  toJSON(): object {
    const { name, code, message, path, requestId } = this;
    return { name, code, message, path, requestId };
  }
}

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
const listOf = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as readonly T[]) : []);
const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

class ProblemsError extends WeftError {
  override readonly name: string = "ProblemsError";
  /** Every problem, with its path inside the input. */
  readonly problems: readonly Problem[] = listOf(this.extensions["problems"]);
}

/** The session has ended, or there is none: let the user log in. */
export class UnauthenticatedError extends WeftError {
  override readonly name = "UnauthenticatedError";
}
/** A second factor is missing. At a login, `mfaToken` is for `session.completeLogin`; otherwise the user must set up a second factor first. */
export class MfaRequiredError extends WeftError {
  override readonly name = "MfaRequiredError";
  get mfaToken(): string | null {
    return textOf(this.extensions["mfaToken"]);
  }
  /** What `completeLogin` accepts: `PASSKEY`, `TOTP`, `RECOVERY_CODE`. */
  readonly methods: readonly string[] = listOf(this.extensions["methods"]);
}
/** The password is temporary: let the user choose one (`resetPassword` with `resetToken`), then log in with it. */
export class PasswordChangeRequiredError extends WeftError {
  override readonly name = "PasswordChangeRequiredError";
  get resetToken(): string | null {
    return textOf(this.extensions["resetToken"]);
  }
}
/** The operation needs a recent login: call the mutation `reauthenticate`, then repeat it. */
export class ReauthRequiredError extends WeftError {
  override readonly name = "ReauthRequiredError";
  readonly withinMinutes: number | null = numberOf(this.extensions["withinMinutes"]);
}
/** The user's roles do not allow the action. */
export class ForbiddenError extends WeftError {
  override readonly name = "ForbiddenError";
}
/** The object does not exist, or the user cannot see it. */
export class NotFoundError extends WeftError {
  override readonly name = "NotFoundError";
}
/** The input is invalid. Show each of `problems` at the field with its path. */
export class BadUserInputError extends ProblemsError {
  override readonly name = "BadUserInputError";
}
/** The definition is invalid. */
export class DefinitionInvalidError extends ProblemsError {
  override readonly name = "DefinitionInvalidError";
}
/** A URL must not be called from Weft. */
export class UrlForbiddenError extends ProblemsError {
  override readonly name = "UrlForbiddenError";
}
/** Somebody else was faster, a name is taken, or the object is still referenced. */
export class ConflictError extends WeftError {
  override readonly name = "ConflictError";
  readonly currentVersion: number | null = numberOf(this.extensions["currentVersion"]);
  readonly currentState: string | null = textOf(this.extensions["currentState"]);
}
/** The workflow does not allow the transition now, or not for this user. */
export class TransitionRejectedError extends WeftError {
  override readonly name = "TransitionRejectedError";
  readonly reasons: readonly RejectionReason[] = listOf(this.extensions["reasons"]);
}
/** A limit of the plan or of Weft is exhausted. */
export class LimitExceededError extends WeftError {
  override readonly name = "LimitExceededError";
  readonly limit: string | null = textOf(this.extensions["limit"]);
  readonly used: number | null = numberOf(this.extensions["used"]);
  readonly allowed: number | null = numberOf(this.extensions["allowed"]);
}
/** The operation asks for too much at once. */
export class QueryLimitExceededError extends WeftError {
  override readonly name = "QueryLimitExceededError";
  readonly limit: string | null = textOf(this.extensions["limit"]);
}
/** Too many requests. The client has waited and repeated the request already, as long as `retryForMs` allows. */
export class RateLimitedError extends WeftError {
  override readonly name = "RateLimitedError";
}
/** The server had not reached the state of the consistency token in time. Nothing was executed. */
export class ConsistencyTimeoutError extends WeftError {
  override readonly name = "ConsistencyTimeoutError";
}
/** A part of Weft is down or restarting. */
export class ServiceUnavailableError extends WeftError {
  override readonly name = "ServiceUnavailableError";
  readonly service: string | null = textOf(this.extensions["service"]);
}
/** Only stored operations are accepted, and this one is not stored. */
export class OperationNotStoredError extends WeftError {
  override readonly name = "OperationNotStoredError";
}
/** The organization is suspended. */
export class TenantSuspendedError extends WeftError {
  override readonly name = "TenantSuspendedError";
}
/** The security profile does not allow a step of the automation. */
export class ProfileViolationError extends WeftError {
  override readonly name = "ProfileViolationError";
}
/** A file was refused: its size, type, checksum, or malware in it. */
export class UploadRejectedError extends WeftError {
  override readonly name = "UploadRejectedError";
  /** Whether the upload is over. Otherwise the bytes can be sent again. */
  readonly isFinal: boolean = this.extensions["isFinal"] === true;
}
/** An error in Weft. Report its `requestId`. */
export class InternalError extends WeftError {
  override readonly name = "InternalError";
}

/** Weft could not be reached, or its answer was lost. */
export class NetworkError extends WeftError {
  override readonly name: string = "NetworkError";

  constructor(message: string, context: ErrorContext = {}, extensions: object = { code: "NETWORK_ERROR", isRetryable: true }) {
    super({ message, extensions: { ...extensions } }, context);
  }
}

/**
 * The answer to a mutation was lost, so nobody knows whether it was executed. Look before you repeat it, or repeat it with the same idempotency key if
 * it has one: then it is executed only once.
 */
export class UnknownOutcomeError extends NetworkError {
  override readonly name = "UnknownOutcomeError";
  /** Pass it as `idempotencyKey` when you repeat the mutation. Null: the mutation takes none. */
  readonly idempotencyKey: string | null;

  constructor(idempotencyKey: string | null, context: ErrorContext) {
    super("The answer to the mutation was lost. It may have been executed.", context, { code: "UNKNOWN_OUTCOME" });
    this.idempotencyKey = idempotencyKey;
  }
}

type ErrorClass = new (answer: ErrorAnswer, context?: ErrorContext) => WeftError;

/** The class of each code of the API. */
export const errorClasses: Readonly<Record<string, ErrorClass>> = {
  UNAUTHENTICATED: UnauthenticatedError,
  MFA_REQUIRED: MfaRequiredError,
  PASSWORD_CHANGE_REQUIRED: PasswordChangeRequiredError,
  REAUTH_REQUIRED: ReauthRequiredError,
  FORBIDDEN: ForbiddenError,
  NOT_FOUND: NotFoundError,
  BAD_USER_INPUT: BadUserInputError,
  DEFINITION_INVALID: DefinitionInvalidError,
  URL_FORBIDDEN: UrlForbiddenError,
  CONFLICT: ConflictError,
  TRANSITION_REJECTED: TransitionRejectedError,
  LIMIT_EXCEEDED: LimitExceededError,
  QUERY_LIMIT_EXCEEDED: QueryLimitExceededError,
  RATE_LIMITED: RateLimitedError,
  CONSISTENCY_TIMEOUT: ConsistencyTimeoutError,
  SERVICE_UNAVAILABLE: ServiceUnavailableError,
  OPERATION_NOT_STORED: OperationNotStoredError,
  TENANT_SUSPENDED: TenantSuspendedError,
  PROFILE_VIOLATION: ProfileViolationError,
  UPLOAD_REJECTED: UploadRejectedError,
  INTERNAL: InternalError,
};

const one = (answer: ErrorAnswer, context: ErrorContext): WeftError => {
  const code = answer.extensions?.["code"];
  const known = typeof code === "string" && Object.hasOwn(errorClasses, code) ? errorClasses[code] : undefined;
  return new (known ?? WeftError)(answer, context);
};

/** Returns the errors of an answer as objects of their classes. Each knows all of them. */
export function errorsOf(answers: readonly ErrorAnswer[], context: Omit<ErrorContext, "errors"> = {}): WeftError[] {
  const errors: WeftError[] = [];
  for (const answer of answers) errors.push(one(answer, { ...context, errors }));
  return errors;
}
