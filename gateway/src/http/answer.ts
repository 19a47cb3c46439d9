import { errorRegistry, identified, isErrorCode, WeftError } from "@weft/shared/errors";
import type { FastifyReply } from "fastify";
import type { GraphQLFormattedError } from "graphql";
import { GraphQLError } from "graphql";
import { maskError } from "../errors/mask.js";
import { HttpRefusal } from "./refusal.js";

/** Clients that see one of these with the status 200, as Apollo Server sends them, send the text of the query, with its hash or instead of it. */
export const persistedQueryCodes = { notFound: "PERSISTED_QUERY_NOT_FOUND", notSupported: "PERSISTED_QUERY_NOT_SUPPORTED" } as const;

const isOfPersistedQueries = (code: unknown): boolean => Object.values<unknown>(persistedQueryCodes).includes(code);

/** A response that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[]; readonly extensions?: unknown };
  /** Whether the request was refused, and no operation executed to its end. */
  readonly isRefused?: boolean | undefined;
}

/**
 * Returns the media type of a response. Clients that accept `application/graphql-response+json` can read errors with any HTTP status. With
 * `application/json`, some clients (Apollo Client) read only the status if it is not 200.
 */
export function mediaTypeOf(accept: string | undefined): string {
  const type = accept?.includes("application/graphql-response+json") === true ? "application/graphql-response+json" : "application/json";
  return `${type}; charset=utf-8`;
}

/** Returns the HTTP status of an error of an operation. Its code decides. */
export function statusOf({ extensions }: GraphQLFormattedError): number {
  const code = extensions?.["code"];
  return isErrorCode(code) ? errorRegistry[code].httpStatus : 400;
}

/** Returns the response to a request that failed before execution. `unexpected` is the error to log if it was a bug. */
export function answerToFailure(error: unknown, requestId: string): Answer & { unexpected?: unknown } {
  if (error instanceof HttpRefusal) return refused(error.statusCode, error.message, requestId);
  const { client, cause } = maskError(error, requestId);
  const code = client.extensions?.["code"];
  const status = isErrorCode(code) ? errorRegistry[code].httpStatus : isOfPersistedQueries(code) ? 200 : 400;
  const isBug = !(error instanceof WeftError || error instanceof GraphQLError);
  return { status, body: { errors: [client] }, ...(isBug && { unexpected: cause }) };
}

/** Sets `Retry-After` if one of the errors says when to try again. */
export function setRetryAfter(reply: FastifyReply, errors: Answer["body"]["errors"]): void {
  const seconds = errors?.map(({ extensions }) => extensions?.["retryAfter"]).find((value) => typeof value === "number");
  if (seconds !== undefined && Number.isFinite(seconds)) void reply.header("retry-after", String(Math.max(1, Math.ceil(seconds))));
}

/** Returns a refusal at the HTTP level in the shape of a GraphQL response, so that clients only need to read one shape. */
export function refused(status: number, message: string, requestId: string): Answer {
  return { status, body: { errors: [{ message, extensions: identified("BAD_REQUEST", requestId) }] } };
}
