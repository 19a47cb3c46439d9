import { QueryLimitExceeded } from "@weft/shared";
import { GraphQLError } from "graphql";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { OperationResult } from "../executor.js";

/** In the form that graphql-ws sends; of errors without locations, which would be those of the mirror query. */
export function asExecutionResult({ data, errors, extensions }: Omit<OperationResult, "status">): ExecutionResult {
  return { ...(data !== undefined && { data }), ...(errors && { errors: errors.map(asError) }), ...(extensions && { extensions }) };
}

/** The same bound as over HTTP, where the answer is text already. @throws QueryLimitExceeded */
export function assertSendable({ data, errors }: Omit<OperationResult, "status">, maxBytes: number): void {
  const actual = Buffer.byteLength(JSON.stringify({ data, errors }));
  if (actual > maxBytes) throw new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxBytes });
}

export const asError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { ...(path && { path }), ...(extensions && { extensions }) });
