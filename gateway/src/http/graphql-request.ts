import { z } from "zod";
import type { Operation } from "../executor.js";
import { HttpRefusal } from "./refusal.js";

const body = z.object({
  query: z.string(),
  operationName: z.string().max(200).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
});

/** Reads a GraphQL request; throws HttpRefusal (400). Over WebSocket the payload of `subscribe` has the same shape. */
export function parseOperation(value: unknown): Operation {
  if (Array.isArray(value)) throw new HttpRefusal(400, "Batches are not accepted: send one operation per request.");
  const parsed = body.safeParse(value);
  if (!parsed.success) {
    const where = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).slice(0, 5);
    throw new HttpRefusal(400, `The body is not a GraphQL request. ${where.join("; ")}`);
  }
  const { query, operationName, variables, extensions } = parsed.data;
  if (extensions?.["persistedQuery"] !== undefined) throw new HttpRefusal(400, "Persisted queries are not offered: send the query itself.");
  return { query, variables: variables ?? {}, ...(typeof operationName === "string" && { operationName }) };
}
