import { describedIssues, parsedBy } from "@weft/shared/texts";
import { GraphQLError } from "graphql";
import { z } from "zod";
import type { Operation } from "../../executor.js";
import { persistedQueryCode } from "../answer.js";
import { HttpRefusal } from "../refusal.js";

const body = z.object({
  query: z.string(),
  operationName: z.string().max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** Parameters of a GET, as defined by GraphQL over HTTP: `variables` and `extensions` are JSON texts. */
const parameters = z.strictObject({
  query: z.string("must contain the text of the query"),
  operationName: z.string().optional(),
  variables: z.string().optional(),
  extensions: z.string().optional(),
});

/**
 * Refuses the hash of a query (Apollo's automatic persisted queries), with or without its text, with the message and the code by which Apollo's clients
 * know that they must send the text alone.
 */
function refuseHash(extensions: unknown): void {
  if (typeof extensions === "object" && extensions !== null && "persistedQuery" in extensions)
    throw new GraphQLError("PersistedQueryNotSupported", { extensions: { code: persistedQueryCode } });
}

/** Reads a query sent with GET. @throws HttpRefusal (400), GraphQLError for the hash of a query */
export function parseQueryString(value: unknown): Operation {
  const { extensions: hash } = (value ?? {}) as { readonly extensions?: unknown };
  if (typeof hash === "string" && hash !== "") refuseHash(jsonParameter("extensions", hash));
  const parsed = parsedBy(parameters, value);
  if (!parsed.success) {
    const where = describedIssues(parsed.error.issues.slice(0, 5), "query string");
    throw new HttpRefusal(
      400,
      `The URL is not a GraphQL request. ${where.join("; ")}. Example: /graphql?query={__typename}. The explorer is at /explorer.`,
    );
  }
  const { query, operationName, variables, extensions } = parsed.data;
  return parseOperation({
    query,
    // Clients send an empty text for omitted parameters.
    ...(operationName && { operationName }),
    ...(variables && { variables: jsonParameter("variables", variables) }),
    ...(extensions && { extensions: jsonParameter("extensions", extensions) }),
  });
}

function jsonParameter(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The parameter ${name} is not valid JSON. Encode it with encodeURIComponent(JSON.stringify(${name})).`);
  }
}

/** Reads a GraphQL request. @throws HttpRefusal (400), GraphQLError for the hash of a query. Over WebSocket, the payload of `subscribe` has the same shape. */
export function parseOperation(value: unknown): Operation {
  if (Array.isArray(value)) throw new HttpRefusal(400, "Batches are not supported. Send one operation per request.");
  if (typeof value === "object" && value !== null && "extensions" in value) refuseHash(value.extensions);
  const parsed = parsedBy(body, value);
  if (!parsed.success) {
    const where = describedIssues(parsed.error.issues.slice(0, 5), "body");
    throw new HttpRefusal(400, `This is not a GraphQL request. ${where.join("; ")}.`);
  }
  const { query, operationName, variables } = parsed.data;
  return { query, variables: variables ?? {}, ...(typeof operationName === "string" && { operationName }) };
}
