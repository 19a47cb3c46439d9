import { GraphQLError } from "graphql";
import type { GraphQLFormattedError } from "graphql";
import { errorRegistry, isErrorCode } from "./codes.js";
import type { ErrorCode, ErrorLogLevel } from "./codes.js";
import { BadUserInput, Internal, WeftError } from "./errors.js";
import type { Problem } from "./errors.js";

/** An error in two forms: for the client and for the log. */
export interface ClientError {
  /** Safe to send: contains no cause, no stack, and no name of a table, path or subgraph. */
  readonly client: GraphQLFormattedError;
  readonly logLevel: ErrorLogLevel;
  /** The innermost known error. For bugs, the one to log with its stack. */
  readonly cause: unknown;
}

/** Codes of the GraphQL server itself for errors in the document or the request, which are passed on unchanged. */
const documentCodes = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "BAD_REQUEST",
]);

/**
 * Masks an error for clients. Registered errors keep their extensions. Errors of graphql-js in the document and its variables become BAD_USER_INPUT
 * or keep the server's code. All other errors become INTERNAL, without any details of their cause.
 */
export function toClientError(error: unknown, requestId: string): ClientError {
  const cause = rootOf(error);
  const located = error instanceof GraphQLError ? error : undefined;
  const place = { ...(located?.locations && { locations: located.locations }), ...(located?.path && { path: located.path }) };
  if (cause instanceof WeftError) {
    const extensions = { ...cause.extensions, ...insideVariable(cause, located), ...identified(cause.code, requestId) };
    return { client: { message: cause.message, ...place, extensions }, logLevel: cause.logLevel, cause: cause.cause ?? cause };
  }
  if (cause instanceof GraphQLError && located) return fromGraphQL(located, cause, place, requestId);
  return masked(cause, place, requestId);
}

function fromGraphQL(located: GraphQLError, cause: GraphQLError, place: object, requestId: string): ClientError {
  const code = located.extensions["code"];
  const message = withoutFlood(located.message);
  // Without a path, graphql-js raised the error before or outside the execution of a field, about the document or its variables. With a path, only
  // Weft's own code (or coercion of a literal argument, below) can have raised it, and an unknown error there is a bug.
  if (typeof code === "string" && documentCodes.has(code)) {
    return { client: { message, ...place, extensions: identified(code, requestId) }, logLevel: "info", cause };
  }
  if (isErrorCode(code) && code !== "INTERNAL") {
    const extensions = {
      ...known(code, located.extensions),
      ...(code === "BAD_USER_INPUT" && problemsOf(located)),
      ...identified(code, requestId),
    };
    return { client: { message, ...place, extensions }, logLevel: errorRegistry[code].logLevel, cause };
  }
  if (code === undefined && (!located.path || located.message.startsWith('Argument "'))) {
    const extensions = { ...problemsOf(located), ...identified("BAD_USER_INPUT", requestId) };
    return { client: { message, ...place, extensions }, logLevel: "info", cause };
  }
  return masked(cause, place, requestId);
}

/** Returns the extensions that every error has. Errors in a document or a request, whose codes are those of the GraphQL server, are never retryable. */
export const identified = (code: string, requestId: string) => ({
  code,
  isRetryable: isErrorCode(code) && errorRegistry[code].isRetryable,
  requestId,
});

/** Returns only the registered extensions. An error that came through a gateway also contains names and responses of servers. */
function known(code: ErrorCode, extensions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(errorRegistry[code].extensions);
  return Object.fromEntries(names.filter((name) => extensions[name] !== undefined).map((name) => [name, extensions[name]]));
}

function problemsOf(located: GraphQLError): { problems: readonly Problem[] } {
  const problems = located.extensions["problems"];
  if (Array.isArray(problems)) return { problems: problems as Problem[] };
  return { problems: [{ path: variablePath(located.message), message: withoutFlood(located.message) }] };
}

const longest = 500;

/**
 * Shortens a message of graphql-js, which contains the rejected value: the whole input if one of its fields is missing, including a password in it,
 * or a text of any length. Objects and lists are omitted, and the rest is truncated.
 */
function withoutFlood(message: string): string {
  const short = message.replace(/( got invalid value )([{[]).*([}\]])( at "[^"]*"; |; )/s, "$1$2 … $3$4");
  return short.length > longest ? `${short.slice(0, longest).toWellFormed()}…` : short;
}

/** Adds the variable's path to the problems. A scalar does not know in which variable it is used, but the wrapper of graphql-js does. */
function insideVariable(cause: WeftError, located: GraphQLError | undefined): { problems?: readonly Problem[] } {
  if (!(cause instanceof BadUserInput) || !located || located === cause || !located.message.startsWith('Variable "$')) return {};
  const prefix = variablePath(located.message);
  return {
    problems: cause.problems.map((problem) => ({ ...problem, path: [prefix, problem.path].filter((part) => part !== "").join(".") })),
  };
}

function masked(cause: unknown, place: object, requestId: string): ClientError {
  const { message } = new Internal();
  return { client: { message, ...place, extensions: identified("INTERNAL", requestId) }, logLevel: "error", cause };
}

/** Returns the original error inside the wrappers that graphql-js adds for the path. */
function rootOf(error: unknown): unknown {
  let inner = error;
  for (let depth = 0; depth < 8 && inner instanceof GraphQLError && !(inner instanceof WeftError) && inner.originalError; depth++) {
    inner = inner.originalError;
  }
  return inner;
}

/** Returns the path of an invalid variable. graphql-js only includes it in the message: `Variable "$input" got invalid value 1 at "input.data.x"; …`. */
function variablePath(message: string): string {
  return / at "([^"]+)"; /.exec(message)?.[1] ?? /^(?:Variable "\$|Argument ")([^"]+)"/.exec(message)?.[1] ?? "";
}
