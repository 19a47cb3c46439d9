import { LimitExceeded, ServiceUnavailable, WeftError } from "../errors/errors.js";

/** What PostgreSQL or the driver said, whichever wrapper it arrived in. */
export interface DatabaseFault {
  /** SQLSTATE, or the code of the driver or of the socket */
  readonly code: string;
  readonly constraint: string | undefined;
  readonly detail: string | undefined;
}

/** Of the driver and the sockets: the connection is gone or never came. */
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
 * SQLSTATEs that say "not now": shut-down and start-up, ended by an administrator, idle too long, statement or lock timeout. Classes 08 (connection)
 * and 53 (out of connections, memory, disk) are added below.
 */
const unavailableStates = new Set(["57P01", "57P02", "57P03", "57P05", "25P03", "57014", "55P03"]);

/** Deadlock, serialization failure: the whole transaction can be run again. */
const retryableStates = new Set(["40P01", "40001"]);

/** Finds the database's error: drizzle puts it into `cause`. */
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

/** True for what the database being away, restarting or overloaded looks like. */
export function isUnavailable(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  if (code === undefined) return false;
  return connectionCodes.has(code) || unavailableStates.has(code) || /^(08|53)[0-9A-Z]{3}$/.test(code);
}

/** Of a connection that was there and is gone; a new one may well work, unlike after a refusal. */
const lossCodes = new Set(["CONNECTION_CLOSED", "CONNECTION_DESTROYED", "ECONNRESET", "EPIPE", "57P01", "57P02", "57P05"]);

export function isConnectionLoss(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  return code !== undefined && lossCodes.has(code);
}

/** An earlier statement has failed, and this one was not looked at. */
export function isInFailedTransaction(error: unknown): boolean {
  return databaseFaultOf(error)?.code === "25P02";
}

/** A row-level policy does not let the row be written. A bug, unless the one who acts is a vendor's user. */
export function isRefusedByPolicy(error: unknown): boolean {
  return databaseFaultOf(error)?.code === "42501";
}

export function isRetryable(error: unknown): boolean {
  const code = databaseFaultOf(error)?.code;
  return code !== undefined && retryableStates.has(code);
}

/** What `app.meter` raises: its detail has the members of LimitExceeded. */
const limitReached = "WF010";

/**
 * Turns a database error into what the caller is told: by the name of the violated constraint, LIMIT_EXCEEDED where `app.meter` says so,
 * SERVICE_UNAVAILABLE for connection trouble, else the error itself (a bug). In the store: `throw mapDatabaseError(error, { users_email_key: () => new BadUserInput([…]) })`.
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
  return error instanceof Error ? error : new Error("Something that is no error was thrown.", { cause: error });
}
