import { z } from "zod";
import type { Operation } from "../executor.js";
import { HttpRefusal } from "./refusal.js";

const body = z.object({
  query: z.string(),
  operationName: z.string().max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** Parameters of a GET, as GraphQL over HTTP defines them: `variables` and `extensions` are JSON texts. */
const parameters = z.strictObject({
  query: z.string("Give the text of the query"),
  operationName: z.string().optional(),
  variables: z.string().optional(),
  extensions: z.string().optional(),
});

/** Reads a query that was sent by GET; throws HttpRefusal (400). */
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
    // Clients write an empty text for what they leave out.
    ...(operationName && { operationName }),
    ...(variables && { variables: jsonParameter("variables", variables) }),
    ...(extensions && { extensions: jsonParameter("extensions", extensions) }),
  });
}

function jsonParameter(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, `The parameter ${name} is not JSON. Encode it with encodeURIComponent(JSON.stringify(${name})).`);
  }
}

/** Reads a GraphQL request; throws HttpRefusal (400). Over WebSocket the payload of `subscribe` has the same shape. */
export function parseOperation(value: unknown): Operation {
  if (Array.isArray(value)) throw new HttpRefusal(400, "Batches are not accepted: send one operation per request.");
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).slice(0, 5);
    throw new HttpRefusal(400, `This is not a GraphQL request. ${where.join("; ")}`);
  }
  const { query, operationName, variables, extensions } = parsed.data;
  if (extensions?.["persistedQuery"] !== undefined) throw new HttpRefusal(400, "Persisted queries are not offered: send the query itself.");
  return { query, variables: variables ?? {}, ...(typeof operationName === "string" && { operationName }) };
}
