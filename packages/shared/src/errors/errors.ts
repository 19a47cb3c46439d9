import { GraphQLError } from "graphql";
import { errorRegistry } from "./codes.js";
import type { ErrorCode, ErrorLogLevel } from "./codes.js";

/** One thing wrong with an input or a definition. `path` is dotted from the argument (`input.data.estimate`); line and column count from 1. */
export interface Problem {
  path: string;
  message: string;
  line?: number;
  column?: number;
}

/** Why a transition is not open: a stable code and a sentence. */
export interface RejectionReason {
  code: string;
  message: string;
}

interface Details {
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Base of all errors that are meant for the caller. Everything else that is thrown is a bug and leaves masked as INTERNAL. */
export abstract class WeftError extends GraphQLError {
  readonly code: ErrorCode;

  protected constructor(code: ErrorCode, message: string, { extensions, cause }: Details = {}) {
    super(message, { extensions: { ...extensions, code } });
    this.name = new.target.name;
    this.code = code;
    if (cause !== undefined) Object.defineProperty(this, "cause", { value: cause, enumerable: false });
  }

  /** The level that the registry gives to the error's code. */
  get logLevel(): ErrorLogLevel {
    return errorRegistry[this.code].logLevel;
  }
}

export class Unauthenticated extends WeftError {
  constructor(message = "Log in first: this needs a valid access token.") {
    super("UNAUTHENTICATED", message);
  }
}

export class Forbidden extends WeftError {
  constructor(message = "You may not do this.") {
    super("FORBIDDEN", message);
  }
}

/** The object acted on; foreign, deleted and never issued ids read alike. */
export class NotFound extends WeftError {
  /** @param type the GraphQL type's name @param id as the caller wrote it (a TypeID) */
  constructor(type: string, id: string) {
    super("NOT_FOUND", `There is no ${type} with id ${quote(id)}.`);
  }
}

/** More problems than that help nobody, and an answer of megabytes is an attack on whoever reads it. */
const maxProblems = 100;

export class BadUserInput extends WeftError {
  /** The first hundred; the message tells how many there are. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const shown = problems.slice(0, maxProblems);
    super("BAD_USER_INPUT", sentence(problems, "The input is not valid."), { extensions: { problems: shown } });
    this.problems = shown;
  }
}

export class DefinitionInvalid extends WeftError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("DEFINITION_INVALID", sentence(problems, "The definition is not valid."), { extensions: { problems } });
    this.problems = problems;
  }
}

interface ConflictDetails {
  readonly currentVersion?: number;
  readonly currentState?: string;
  /** What still refers to the object, by kind, with how many there are. */
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
    super("TRANSITION_REJECTED", message ?? first ?? "The transition is not open.", { extensions: { reasons } });
    this.reasons = reasons;
  }
}

/** A bound of the plan, or a fixed one of Weft. */
export class LimitExceeded extends WeftError {
  /** @param limit its name, of the plan's as in `Tenant.usage` @param used before what was refused @param allowed at most */
  constructor({ limit, used, allowed }: { limit: string; used: number; allowed: number }) {
    super("LIMIT_EXCEEDED", `The limit ${limit} allows ${allowed}, and ${used} are used.`, { extensions: { limit, used, allowed } });
  }
}

export class QueryLimitExceeded extends WeftError {
  constructor({ limit, actual, max }: { limit: string; actual: number; max: number }) {
    super("QUERY_LIMIT_EXCEEDED", `The operation has ${limit} ${actual}; at most ${max} is answered.`, {
      extensions: { limit, actual, max },
    });
  }
}

export class RateLimited extends WeftError {
  /** @param retryAfter whole seconds @param reason what there was too much of, as a sentence */
  constructor({ retryAfter }: { retryAfter: number }, reason = "Too many attempts.") {
    super("RATE_LIMITED", `${reason} Try again in ${retryAfter} s.`, { extensions: { retryAfter } });
  }
}

export class ServiceUnavailable extends WeftError {
  /** @param service which part is down, by the name that operators know @param cause logged, never shown */
  constructor(service: string, cause?: unknown) {
    super("SERVICE_UNAVAILABLE", `${service} is not available at the moment. Try again soon.`, { extensions: { service }, cause });
  }
}

/** Nobody waits for the answer any more: the client has gone, or the gateway has given the call up. Whoever still hears of it can try again. */
export class Abandoned extends ServiceUnavailable {
  constructor(reason: unknown) {
    super("gateway", reason);
  }

  override get logLevel(): ErrorLogLevel {
    return "debug";
  }
}

/**
 * The tenant's own work holds all connections to the database that it can have. For work in the background it is one more reason to try again later; whoever asks is told
 * that it is too much (`RateLimited`).
 */
export class ShareUsed extends ServiceUnavailable {
  constructor(cause: Error) {
    super("database", cause);
  }
}

/** What a masked bug looks like from outside. Throw ordinary errors for bugs; the edge makes these. */
export class Internal extends WeftError {
  constructor(cause?: unknown) {
    super("INTERNAL", "Something went wrong on our side.", { cause });
  }
}

export class TenantSuspended extends WeftError {
  constructor() {
    super("TENANT_SUSPENDED", "This tenant is suspended.");
  }
}

/** The first problem with its path, and how many more there are. */
function sentence(problems: readonly Problem[], otherwise: string): string {
  const [first] = problems;
  if (!first) return otherwise;
  const more = andMore(problems.length, "problems");
  return first.path === "" ? `${first.message}${more}` : `${first.path}: ${first.message}${more}`;
}

const andMore = (count: number, where: string): string => (count > 1 ? ` (and ${count - 1} more, see ${where})` : "");

/** A value of the caller in a message: on one line, capped, so that it can neither flood nor forge a log line. */
export function quote(value: string): string {
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return JSON.stringify(shown);
}
