import { answerOfSchema, mergedData, splitIntrospection } from "../introspection.js";
import type { Execute } from "./execution/compiled-operations.js";
import type { JsonObject } from "./execution/json.js";

/** Nearly every operation lacks these names, and none can write them in another way. */
const asksForSchema = /__(?:schema|type)\b/;

/**
 * Returns an executor that answers what a query asks about the schema from the schema of its server. Apollo's executor would answer it from the whole
 * schema, including what clients cannot see.
 */
export const answeredByOwnSchema =
  (execute: Execute): Execute =>
  async (request) => {
    const split = asksForSchema.test(request.source) ? splitIntrospection(request.document, request.operation) : undefined;
    if (!split) return execute(request);
    const { data, errors } = answerOfSchema(request.schema, split, request.request.variables ?? {});
    if (!data || !split.rest) return { ...(data && { data: data as JsonObject }), ...(errors && { errors }) };
    const response = await execute(request);
    return response.data ? { ...response, data: mergedData(response.data, split, data) } : response;
  };
