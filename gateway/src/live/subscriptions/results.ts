import { QueryLimitExceeded } from "@weft/shared/errors";
import { GraphQLError } from "graphql";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { OperationResult } from "../../executor.js";
import { SharedText } from "../connections/shared-text.js";

/** Converts a result into the form that graphql-ws sends. Removes the locations of errors, which refer to the mirror query. */
export function asExecutionResult({ data, errors, extensions }: Omit<OperationResult, "status">): ExecutionResult {
  return { ...(data !== undefined && { data }), ...(errors && { errors: errors.map(asError) }), ...(extensions && { extensions }) };
}

/** Enforces the same limit as over HTTP, where the response is already text. @throws QueryLimitExceeded */
export function assertSendable({ data, errors }: Omit<OperationResult, "status">, maxBytes: number): void {
  assertBytes(Buffer.byteLength(JSON.stringify({ data, errors })), maxBytes);
}

/**
 * Returns the message `next` of the protocol after the ID of the subscription, in the form of `asExecutionResult`. @throws QueryLimitExceeded
 * @param cursor of the event
 */
export function nextMessageTail(
  { data, errors, extensions }: Omit<OperationResult, "status">,
  { maxBytes, cursor }: { readonly maxBytes: number; readonly cursor: string },
): SharedText {
  const withoutLocations = errors?.map(({ message, path, extensions: details }) => ({ message, path, extensions: details }));
  const tail = Buffer.from(`${beforePayload}${JSON.stringify({ data, errors: withoutLocations, extensions })}}`);
  const payload = tail.subarray(beforePayload.length, -1);
  assertBytes(payload.length, maxBytes);
  return new SharedText(tail, { payload, cursor });
}

const beforePayload = ',"type":"next","payload":';

function assertBytes(actual: number, max: number): void {
  if (actual > max) throw new QueryLimitExceeded({ limit: "responseBytes", actual, max });
}

export const asError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) });
