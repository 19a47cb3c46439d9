import type { GraphQLSchema } from "graphql";
import type { OperationContext } from "../context.js";
import type { Executor, Operation } from "../executor.js";
import { executorOver } from "../executor-over.js";
import type { Limits } from "../limits/limits.js";
import { parseDocument } from "../operations.js";
import type { Client } from "./client.js";
import type { FieldUses } from "./field-uses.js";
import { deprecatedInVariables, usedElements } from "./used-elements.js";

export interface CountingOptions {
  readonly uses: FieldUses;
  readonly limits: Limits;
  /** Who sends the operations, if it is not the client of a request. */
  readonly client?: Client;
}

/** Returns an executor that counts which fields the operations of clients use. Without a login there is no tenant to count for. */
export function countingFieldUses(executor: Executor, options: CountingOptions): Executor {
  if (!options.uses.isOn) return executor;
  return executorOver(executor, async (operation, context) => {
    const result = await executor.execute(operation, context);
    // Of a document that was refused, nothing was used.
    if (result.data !== undefined && !operation.isInternal) countFieldUses(executor.schema, operation, context, options);
    return result;
  });
}

/** Counts the fields that an operation uses. */
export function countFieldUses(
  schema: GraphQLSchema,
  { query, operationName, variables }: Operation,
  { viewer, client: sender }: Pick<OperationContext, "viewer" | "client">,
  { uses, limits, client = sender }: CountingOptions,
): void {
  if (!uses.isOn || !viewer || !client) return;
  const used = usedElements(schema, parseDocument(query, limits), operationName);
  uses.record(viewer.tenantId, client, used, used.variables.length === 0 ? none : deprecatedInVariables(schema, used, variables));
}

const none: ReadonlySet<string> = new Set();
