import { type ClientError, errorRegistry, identified, isErrorCode, toClientError } from "@weft/shared/errors";
import { GraphQLError } from "graphql";

/**
 * Masks an error for the client of the gateway. A subgraph has already masked its own errors, but they arrive with the subgraph's name
 * (`serviceName`) and, if the call itself failed, with its address (`response`). Of the extensions, only those that the registry lists for the code
 * pass. A code that is missing from the registry becomes INTERNAL.
 */
export function maskError(error: unknown, requestId: string): ClientError {
  const downstream = downstreamOf(error);
  if (!downstream) return withProblems(toClientError(error, requestId));
  const code = downstream.extensions["code"];
  const place = downstream.path ? { path: downstream.path } : {};
  // Errors with a request ID were already logged by the subgraph, with their cause, which is not available here.
  const wasLogged = typeof downstream.extensions["requestId"] === "string";
  if (!isErrorCode(code) || code === "INTERNAL") {
    // An error in the subgraph's document cannot be the client's fault, because the gateway wrote the document.
    const masked = toClientError(new Error(downstream.message), requestId);
    return { ...masked, ...(wasLogged && { logLevel: "debug" }), client: { ...masked.client, ...place }, cause: downstream };
  }
  const facts = errorRegistry[code];
  const extensions: Record<string, unknown> = identified(code, requestId);
  for (const name of Object.keys(facts.extensions)) {
    if (downstream.extensions[name] !== undefined) extensions[name] = downstream.extensions[name];
  }
  return {
    client: { message: downstream.message, ...place, extensions },
    logLevel: wasLogged ? "debug" : facts.logLevel,
    cause: downstream,
  };
}

/** The error that @apollo/gateway created from a subgraph's response. It contains the plain object of that response, not one of our errors. */
function downstreamOf(error: unknown): GraphQLError | undefined {
  if (!(error instanceof GraphQLError) || !("serviceName" in error.extensions)) return undefined;
  return error;
}

/** Apollo Server reports a variable of a wrong type with its own error, which has the code but not our list of problems. */
function withProblems(error: ClientError): ClientError {
  const { client } = error;
  if (client.extensions?.["code"] !== "BAD_USER_INPUT" || client.extensions["problems"] !== undefined) return error;
  const path = / at "([^"]+)"; /.exec(client.message)?.[1] ?? /^Variable "\$([^"]+)"/.exec(client.message)?.[1] ?? "";
  return { ...error, client: { ...client, extensions: { ...client.extensions, problems: [{ path, message: client.message }] } } };
}
