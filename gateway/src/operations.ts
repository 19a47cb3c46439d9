import { GraphQLError } from "graphql";
import type { OperationContext } from "./context.js";
import type { Executor, Operation, OperationResult } from "./executor.js";
import { assertWithinLimits, parseWithinLimits } from "./limits/limits.js";
import type { Limits } from "./limits/limits.js";

/** Runs a query or mutation of a client, over whatever transport: limits first, then validation, plan and execution. Throws what refuses it. */
export async function runOperation(executor: Executor, limits: Limits, operation: Operation, context: OperationContext): Promise<OperationResult> {
  const document = parseDocument(operation.query, limits);
  assertWithinLimits(executor.schema, document, operation.operationName, operation.variables, limits);
  return executor.execute(operation, context);
}

/** Parses within the limit of tokens; a mistake of syntax gets the code that the executor would give. */
export function parseDocument(query: string, limits: Limits): ReturnType<typeof parseWithinLimits> {
  try {
    return parseWithinLimits(query, limits);
  } catch (error) {
    if (error instanceof GraphQLError && error.extensions["code"] === undefined) error.extensions["code"] = "GRAPHQL_PARSE_FAILED";
    throw error;
  }
}
