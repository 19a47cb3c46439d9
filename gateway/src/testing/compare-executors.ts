import { Supergraph } from "@apollo/federation-internals";
import { loadConfig } from "@weft/platform/config";
import { createLogger } from "@weft/platform/logging";
import type { GraphQLSchema } from "graphql";
import type { OperationContext } from "../context.js";
import { type Operation, type OperationResult, startExecutor } from "../executor.js";
import type { Executor as FederatedExecutor } from "../federation/execution/compiled-operations.js";
import { createFederation } from "../federation/federation.js";
import { mockSubgraph } from "./mock-subgraph.js";

export interface Comparison {
  /** Operations whose first answer, Apollo's, differs from the second, with both answers. */
  readonly different: readonly { readonly query: string; readonly apollo: OperationResult; readonly compiled: OperationResult }[];
  /** Valid operations, those with errors in the answer, and those that were compiled. */
  readonly valid: number;
  readonly withErrors: number;
  readonly compiled: number;
}

/** The supergraph over mock subgraphs. */
export interface MockedSupergraph extends AsyncDisposable {
  readonly schema: GraphQLSchema;
  readonly internalSchema: GraphQLSchema;
  /** Executes an internal operation and returns its answer, and the executor that executed it. */
  execute(operation: Operation): Promise<{ readonly answer: OperationResult; readonly by: FederatedExecutor | undefined }>;
}

export async function openMockedSupergraph(supergraphSdl: string): Promise<MockedSupergraph> {
  const subgraphs = [...Supergraph.build(supergraphSdl).subgraphs()];
  let by: FederatedExecutor | undefined;
  const federation = createFederation({
    supergraphSdl,
    clients: new Map(subgraphs.map(({ name, schema }) => [name, mockSubgraph(name, schema.toGraphQLJSSchema())])),
    onMessage: () => undefined,
    onExecute: (executor) => (by = executor),
  });
  const config = loadConfig({}, { LOG_LEVEL: "silent" });
  const executor = await startExecutor({
    federation,
    limits: config.limits,
    allowHints: true,
    log: createLogger(config),
    maxErrors: 10_000,
  });
  return {
    schema: executor.schema,
    internalSchema: executor.internalSchema,
    execute: async (operation) => {
      by = undefined;
      const answer = await executor.execute({ ...operation, isInternal: true }, context);
      return { answer, by };
    },
    [Symbol.asyncDispose]: () => executor.stop(),
  };
}

/**
 * Executes operations, each first by Apollo's executor and then compiled. Operations that are not valid are skipped.
 * @param operationsOf takes the whole schema, including what only the gateway calls
 */
export async function compareExecutors(
  supergraphSdl: string,
  operationsOf: (schema: GraphQLSchema) => Iterable<Operation>,
): Promise<Comparison> {
  await using supergraph = await openMockedSupergraph(supergraphSdl);
  const different: Comparison["different"][number][] = [];
  const counts = { valid: 0, withErrors: 0, compiled: 0 };
  for (const operation of operationsOf(supergraph.internalSchema)) {
    const { answer: apollo } = await supergraph.execute(operation);
    if (apollo.status !== 200) continue;
    const { answer: compiled, by } = await supergraph.execute(operation);
    counts.valid++;
    if (apollo.errors) counts.withErrors++;
    if (by === "compiled") counts.compiled++;
    if (canonical(apollo) !== canonical(compiled)) different.push({ query: operation.query, apollo, compiled });
  }
  return { different, ...counts };
}

const context: OperationContext = {
  viewer: null,
  requestId: "the-request",
  address: null,
  userAgent: null,
  traceId: null,
  signal: new AbortController().signal,
};

/** The answer as text, with the errors in a fixed order: calls run in parallel, so their errors have none. */
function canonical({ data, errors = [], status }: OperationResult): string {
  const texts = errors.map((error) => JSON.stringify(error));
  return JSON.stringify({ status, data, errors: texts.sort() });
}
