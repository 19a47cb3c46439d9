import type { GraphQLFormattedError } from "graphql";
import type { OperationResult } from "../executor.js";

/** Removes the locations of errors, because they refer to a document that the client did not send. */
export function withoutLocations(result: OperationResult): OperationResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map(withoutLocation) };
}

function withoutLocation({ message, path, extensions }: GraphQLFormattedError): GraphQLFormattedError {
  return { message, ...(path && { path }), ...(extensions && { extensions }) };
}
