import { z } from "zod";
import type { Operation } from "../../executor.js";
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

/** Reads a query sent with GET. Throws HttpRefusal (400). */
export function parseQueryString(value: unknown): Operation {
  const parsed = parameters.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "query string"}: ${message}`).slice(0, 5);
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

/** Reads a GraphQL request. Throws HttpRefusal (400). Over WebSocket, the payload of `subscribe` has the same shape. */
export function parseOperation(value: unknown): Operation {
  if (Array.isArray(value)) throw new HttpRefusal(400, "Batches are not supported. Send one operation per request.");
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).slice(0, 5);
    throw new HttpRefusal(400, `This is not a GraphQL request. ${where.join("; ")}`);
  }
  const { query, operationName, variables, extensions } = parsed.data;
  if (extensions?.["persistedQuery"] !== undefined)
    throw new HttpRefusal(400, "Persisted queries are not supported. Send the text of the query.");
  return { query, variables: variables ?? {}, ...(typeof operationName === "string" && { operationName }) };
}
