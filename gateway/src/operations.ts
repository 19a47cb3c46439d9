import { GraphQLError, OperationTypeNode, getOperationAST } from "graphql";
import type { DocumentNode, OperationDefinitionNode } from "graphql";
import { quote } from "@weft/shared";
import type { OperationContext } from "./context.js";
import type { Executor, Operation, OperationResult } from "./executor.js";
import { assertWithinLimits, parseWithinLimits } from "./limits/limits.js";
import type { Limits } from "./limits/limits.js";

/** Runs a query or mutation of a client, over whatever transport: limits first, then validation, plan and execution. Throws what refuses it. */
export async function runOperation(
  executor: Executor,
  limits: Limits,
  operation: Operation,
  context: OperationContext,
): Promise<OperationResult> {
  const document = parseDocument(operation.query, limits);
  assertWithinLimits(executor.schema, document, operation.operationName, operation.variables, limits);
  if (resolveOperation(document, operation.operationName).operation === OperationTypeNode.SUBSCRIPTION) {
    const message =
      "Subscriptions run over WebSocket: connect to /graphql with the protocol graphql-transport-ws, the token in connection_init as { authorization }.";
    throw new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } });
  }
  return executor.execute(operation, context);
}

/** The operation of that name, or the only one. Throws with the code OPERATION_RESOLUTION_FAILURE. */
export function resolveOperation(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, operationName);
  if (operation) return operation;
  const message =
    operationName === undefined
      ? "The document has not exactly one operation: name the one to run by operationName."
      : `The document has no operation ${quote(operationName)}.`;
  throw new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
}

/** Parses within the limit of tokens; a mistake of syntax gets the code that the executor would give. */
export function parseDocument(query: string, limits: Limits): DocumentNode {
  try {
    return parseWithinLimits(query, limits);
  } catch (error) {
    if (error instanceof GraphQLError && error.extensions["code"] === undefined) error.extensions["code"] = "GRAPHQL_PARSE_FAILED";
    throw error;
  }
}
