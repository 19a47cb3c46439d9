import type { GraphQLFormattedError } from "graphql";
import { answerToFailure, statusOf } from "../http/answer.js";

/** A request that is refused by the gateway or by a rule of the API. */
export interface ScimFailure {
  readonly status: number;
  readonly error: GraphQLFormattedError;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  /** The error to log if it was a bug. */
  readonly unexpected?: unknown;
}

/** Returns the failure for an error of an operation. */
export function failureOfError(error: GraphQLFormattedError): ScimFailure {
  const retryAfter = error.extensions?.["retryAfter"];
  return { status: statusOf(error), error, retryAfter: typeof retryAfter === "number" ? retryAfter : undefined };
}

/** Returns the failure for whatever a request has thrown. */
export function failureOf(thrown: unknown, requestId: string): ScimFailure {
  const { status, body, unexpected } = answerToFailure(thrown, requestId);
  const error = body.errors?.[0] ?? { message: "An internal error occurred." };
  return { ...failureOfError(error), status, ...(unexpected !== undefined && { unexpected }) };
}

/** Returns the body of a response with an error (RFC 7644, section 3.12). */
export const errorBodyOf = ({ status, error }: ScimFailure): object => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
  status: String(status),
  ...(status === 400 && { scimType: error.extensions?.["code"] === "BAD_USER_INPUT" ? "invalidValue" : "invalidSyntax" }),
  detail: error.message,
});
