import { errorRegistry, isErrorCode, toClientError } from "@weft/shared";
import type { ClientError } from "@weft/shared";
import { GraphQLError } from "graphql";

/**
 * Masks an error for the client of the gateway. What a subgraph answered was masked there, but it arrives with the subgraph's name
 * (`serviceName`) and, when the call itself failed, with its address (`response`): of its extensions only those pass that the registry
 * gives to its code, and a code that the registry does not have becomes INTERNAL.
 */
export function maskError(error: unknown, requestId: string): ClientError {
  const downstream = downstreamOf(error);
  if (!downstream) return withProblems(toClientError(error, requestId));
  const code = downstream.extensions["code"];
  const place = downstream.path ? { path: downstream.path } : {};
  // What carries a request id was logged by the subgraph, with its cause, which has not come here.
  const wasLogged = typeof downstream.extensions["requestId"] === "string";
  if (!isErrorCode(code) || code === "INTERNAL") {
    // A mistake in the subgraph's document cannot be the client's: the gateway wrote it.
    const masked = toClientError(new Error(downstream.message), requestId);
    return { ...masked, ...(wasLogged && { logLevel: "debug" }), client: { ...masked.client, ...place }, cause: downstream };
  }
  const facts = errorRegistry[code];
  const extensions: Record<string, unknown> = { code, requestId };
  for (const name of Object.keys(facts.extensions)) {
    if (downstream.extensions[name] !== undefined) extensions[name] = downstream.extensions[name];
  }
  return {
    client: { message: downstream.message, ...place, extensions },
    logLevel: wasLogged ? "debug" : facts.logLevel,
    cause: downstream,
  };
}

/** The error as @apollo/gateway made it from a subgraph's answer; inside it is the plain object of that answer, not an error of ours. */
function downstreamOf(error: unknown): GraphQLError | undefined {
  if (!(error instanceof GraphQLError) || !("serviceName" in error.extensions)) return undefined;
  return error;
}

/** A variable of a wrong type is named by Apollo Server's own error, which knows the code but not our list of problems. */
function withProblems(error: ClientError): ClientError {
  const { client } = error;
  if (client.extensions?.["code"] !== "BAD_USER_INPUT" || client.extensions["problems"] !== undefined) return error;
  const path = / at "([^"]+)"; /.exec(client.message)?.[1] ?? /^Variable "\$([^"]+)"/.exec(client.message)?.[1] ?? "";
  return { ...error, client: { ...client, extensions: { ...client.extensions, problems: [{ path, message: client.message }] } } };
}
