import { errorRegistry, isErrorCode, WeftError } from "@weft/shared";
import type { GraphQLFormattedError } from "graphql";
import { GraphQLError } from "graphql";
import { maskError } from "../errors/mask.js";
import { HttpRefusal } from "./refusal.js";

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[]; readonly extensions?: unknown };
}

/**
 * The media type of an answer. Clients that can read `application/graphql-response+json` take errors with any HTTP status from it; from
 * `application/json` some (Apollo Client) read nothing but the status when that is not 200.
 */
export function mediaTypeOf(accept: string | undefined): string {
  const type = accept?.includes("application/graphql-response+json") === true ? "application/graphql-response+json" : "application/json";
  return `${type}; charset=utf-8`;
}

/** The answer to a request that failed before anything was executed. `unexpected` is what the log should get, if it was a bug. */
export function answerToFailure(error: unknown, requestId: string): Answer & { unexpected?: unknown } {
  if (error instanceof HttpRefusal) return refused(error.statusCode, error.message, requestId);
  const { client, cause } = maskError(error, requestId);
  const code = client.extensions?.["code"];
  const status = isErrorCode(code) ? errorRegistry[code].httpStatus : 400;
  const isBug = !(error instanceof WeftError || error instanceof GraphQLError);
  return { status, body: { errors: [client] }, ...(isBug && { unexpected: cause }) };
}

/** A refusal by HTTP itself, in the shape of a GraphQL answer so that clients read one shape only. */
export function refused(status: number, message: string, requestId: string): Answer {
  return { status, body: { errors: [{ message, extensions: { code: "BAD_REQUEST", requestId } }] } };
}
