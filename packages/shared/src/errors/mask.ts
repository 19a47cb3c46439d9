import { GraphQLError } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { errorRegistry, isErrorCode } from "./codes.js";
import type { ErrorCode, ErrorLogLevel } from "./codes.js";
import { BadUserInput, Internal, WeftError } from "./errors.js";
import type { Problem } from "./errors.js";

/** What the client gets, and what the log gets. */
export interface ClientError {
  /** Safe to send: no cause, no stack, no name of a table, path or subgraph. */
  readonly client: GraphQLFormattedError;
  readonly logLevel: ErrorLogLevel;
  /** The innermost error that we know of; for bugs the one to log with its stack. */
  readonly cause: unknown;
}

/** Codes of the GraphQL server itself: mistakes in the document or the request, told as they are. */
const documentCodes = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "BAD_REQUEST",
]);

/**
 * Masks an error for the outside. Errors of the registry pass with their extensions; mistakes of graphql-js about the document and its
 * variables become BAD_USER_INPUT or stay what the server called them; everything else is INTERNAL and nothing of its cause leaks.
 */
export function toClientError(error: unknown, requestId: string): ClientError {
  const cause = rootOf(error);
  const located = error instanceof GraphQLError ? error : undefined;
  const place = { ...(located?.locations && { locations: located.locations }), ...(located?.path && { path: located.path }) };
  if (cause instanceof WeftError) {
    const extensions = { ...cause.extensions, ...insideVariable(cause, located), code: cause.code, requestId };
    return { client: { message: cause.message, ...place, extensions }, logLevel: cause.logLevel, cause: cause.cause ?? cause };
  }
  if (cause instanceof GraphQLError && located) return fromGraphQL(located, cause, place, requestId);
  return masked(cause, place, requestId);
}

function fromGraphQL(located: GraphQLError, cause: GraphQLError, place: object, requestId: string): ClientError {
  const code = located.extensions["code"];
  const message = withoutFlood(located.message);
  // No path: graphql-js raised it before or outside the execution of a field, about the document or its variables. With a path only our own code
  // (or coercion of a literal argument, below) can have raised it, and an unknown error there is a bug.
  if (typeof code === "string" && documentCodes.has(code)) {
    return { client: { message, ...place, extensions: { code, requestId } }, logLevel: "info", cause };
  }
  if (isErrorCode(code) && code !== "INTERNAL") {
    const extensions = { ...known(code, located.extensions), ...(code === "BAD_USER_INPUT" && problemsOf(located)), code, requestId };
    return { client: { message, ...place, extensions }, logLevel: errorRegistry[code].logLevel, cause };
  }
  if (code === undefined && (!located.path || located.message.startsWith('Argument "'))) {
    const extensions = { ...problemsOf(located), code: "BAD_USER_INPUT", requestId };
    return { client: { message, ...place, extensions }, logLevel: "info", cause };
  }
  return masked(cause, place, requestId);
}

/** Only what the registry lists: an error that came through a gateway carries the names and answers of servers too. */
function known(code: ErrorCode, extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(errorRegistry[code].extensions);
  return Object.fromEntries(names.filter((name) => extensions[name] !== undefined).map((name) => [name, extensions[name]]));
}

function problemsOf(located: GraphQLError): { problems: readonly Problem[] } {
  const told = located.extensions["problems"];
  if (Array.isArray(told)) return { problems: told as Problem[] };
  return { problems: [{ path: variablePath(located.message), message: withoutFlood(located.message) }] };
}

const longest = 500;

/**
 * graphql-js writes the value that it refuses into its sentence: an input as a whole when one of its fields is missing, with the password
 * beside it, and a text of any length. Objects and lists are left out, and what remains is capped.
 */
function withoutFlood(message: string): string {
  const short = message.replace(/( got invalid value )([{[]).*([}\]])( at "[^"]*"; |; )/s, "$1$2 … $3$4");
  return short.length > longest ? `${short.slice(0, longest).toWellFormed()}…` : short;
}

/** A scalar knows nothing of the variable that it stands in; graphql-js's wrapper does. */
function insideVariable(cause: WeftError, located: GraphQLError | undefined): { problems?: readonly Problem[] } {
  if (!(cause instanceof BadUserInput) || !located || located === cause || !located.message.startsWith('Variable "$')) return {};
  const prefix = variablePath(located.message);
  return {
    problems: cause.problems.map((problem) => ({ ...problem, path: [prefix, problem.path].filter((part) => part !== "").join(".") })),
  };
}

function masked(cause: unknown, place: object, requestId: string): ClientError {
  const { message } = new Internal();
  return { client: { message, ...place, extensions: { code: "INTERNAL", requestId } }, logLevel: "error", cause };
}

/** The error that somebody threw, inside the wrappers that graphql-js puts around it to add a path. */
function rootOf(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 8 && inner instanceof GraphQLError && !(inner instanceof WeftError) && inner.originalError; depth++) {
    inner = inner.originalError;
  }
  return inner;
}

/** graphql-js names the place of a bad variable only in its sentence: `Variable "$input" got invalid value 1 at "input.data.x"; …`. */
function variablePath(message: string): string {
  return / at "([^"]+)"; /.exec(message)?.[1] ?? /^(?:Variable "\$|Argument ")([^"]+)"/.exec(message)?.[1] ?? "";
}
