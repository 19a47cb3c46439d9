import { LimitExceeded, ServiceUnavailable, WeftError } from "@weft/shared/errors";

/** An error of PostgreSQL or the driver, unwrapped. */
export interface DatabaseFault {
  /** SQLSTATE, or the error code of the driver or the socket. */
  readonly code: string;
  readonly constraint: string | undefined;
  readonly detail: string | undefined;
}

/** Error codes of the driver and the sockets: the connection was lost or could not be established. */
const connectionCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * SQLSTATEs for temporary conditions: shutdown and startup, termination by an administrator, idle timeouts, and statement or lock timeouts. Classes
 * 08 (connection) and 53 (out of connections, memory or disk) are added below.
 */
const unavailableStates = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "57014", "55P03"]);

/** Deadlock and serialization failure: the whole transaction can be run again. */
const retryableStates = new Set(["40P01", "40001"]);

/** Finds the database's error. drizzle puts it into `cause`. */
export function databaseFaultOf(error: unknown): DatabaseFault | null {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 5; inner = inner.cause, depth++) {
    if (inner instanceof WeftError) return null;
    if ("code" in inner && typeof inner.code === "string") {
      const constraint = "constraint_name" in inner && typeof inner.constraint_name === "string" ? inner.constraint_name : undefined;
      const detail = "detail" in inner && typeof inner.detail === "string" ? inner.detail : undefined;
      return { code: inner.code, constraint, detail };
    }
  }
  return null;
}

/** Returns whether the error indicates that the database is unavailable, restarting or overloaded. */
export function isUnavailable(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  if (code === undefined) return false;
  return connectionCodes.has(code) || unavailableStates.has(code) || /^(08|53)[0-9A-Z]{3}$/.test(code);
}

/** Error codes of an established connection that was lost. Unlike after a refused connection, a new one is likely to work. */
const lossCodes = new Set(["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE", "57P01", "57P02", "57P05"]);

export function isConnectionLoss(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  return code !== undefined && lossCodes.has(code);
}

/** Returns whether the server refused the user or the password of a new connection, or its role: the user is gone, or not a member of it. */
export function isRefusedLogin(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  return code === "28P01" || code === "28000";
}

/** Returns whether an earlier statement of the transaction failed, so that this one was not executed. */
export function isInFailedTransaction(error: unknown): boolean {
  return databaseFaultOf(error)?.code === "25P02";
}

/** Returns whether a row-level security policy rejected the write. This is a bug, unless the actor is a vendor's user. */
export function isRefusedByPolicy(error: unknown): boolean {
  return databaseFaultOf(error)?.code === "42501";
}

/** Returns whether a value was refused as such, for example text with the character NUL, which no other attempt would change. */
export function isRefusedValue(error: unknown): boolean {
  return /^22[0-9A-Z]{3}$/.test(databaseFaultOf(error)?.code ?? "");
}

/** Statement and lock timeouts. The database is available: other statements, and other tenants' rows, are not affected. */
const timeoutStates = new Set(["57014", "55P03"]);

export function isTimeout(error: unknown): boolean {
  const code = databaseFaultOf(error instanceof ServiceUnavailable ? error.cause : error)?.code;
  return code !== undefined && timeoutStates.has(code);
}

export function isRetryable(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  return code !== undefined && retryableStates.has(code);
}

/** SQLSTATE that `app.meter` raises. Its detail has the members of LimitExceeded. */
const limitReached = "WF010";

/**
 * Maps a database error to the error for the caller: by the name of the violated constraint, LIMIT_EXCEEDED if `app.meter` raised it,
 * SERVICE_UNAVAILABLE for connection problems, otherwise the error itself (a bug). In the store: `throw mapDatabaseError(error, { users_email_key: ()
 * => new BadUserInput([…]) })`.
 */
export function mapDatabaseError(error: unknown, byConstraint: Readonly<Record<string, () => Error>> = {}): Error {
  if (error instanceof WeftError) return error;
  const { code, constraint, detail } = databaseFaultOf(error) ?? {};
  if (code === limitReached && detail !== undefined)
    return new LimitExceeded(JSON.parse(detail) as ConstructorParameters<typeof LimitExceeded>[0]);
  if (constraint !== undefined && Object.hasOwn(byConstraint, constraint)) return byConstraint[constraint]?.() ?? asError(error);
  if (isUnavailable(error)) return new ServiceUnavailable("database", error);
  return asError(error);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("A value that is not an error was thrown.", { cause: error });
}
