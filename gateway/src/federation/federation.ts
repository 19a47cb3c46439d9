import { ApolloGateway } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { Supergraph } from "@apollo/federation-internals";
import type { ApolloServerOptions } from "@apollo/server";
import { Abandoned, QueryLimitExceeded } from "@weft/shared/errors";
import { parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { OperationContext } from "../context.js";
import type { SubgraphClient } from "../subgraphs/client.js";
import { isComposed, markComposed } from "./composed.js";
import { CompiledOperations, type Execute, type Executor } from "./execution/compiled-operations.js";
import type { CallSubgraph } from "./execution/execution.js";
import { gatewayOnlyElements, revealedSupergraph, schemaForClients } from "./gateway-only.js";
import { answeredByOwnSchema } from "./own-introspection.js";
import { PlanCache } from "./planning/plan-cache.js";
import { Planner } from "./planning/planner.js";

// The only folder that uses @apollo/gateway, its composition, and its internals. To use another federation runtime, replace it here.

export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
  /** A placeholder in the supergraph. The actual address of a subgraph comes from the gateway's sources. */
  readonly url?: string;
}

/**
 * Composes subgraphs into a supergraph. The text does not depend on the order of the subgraphs, so a stale file can be detected by comparison. Throws
 * one error that lists all problems.
 */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): string {
  const services = [...subgraphs]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sdl, url }) => ({ name, typeDefs: parse(sdl), url: url ?? `http://${name}/graphql` }));
  const result = composeServices(services);
  if (result.errors) {
    const list = result.errors.map((error) => `- ${error.message}`);
    throw new Error(`The subgraphs ${services.map(({ name }) => name).join(", ")} cannot be composed:\n${list.join("\n")}`);
  }
  return markComposed(result.supergraphSdl);
}

/** Returns the schema that clients see: the supergraph without federation elements and @inaccessible elements. */
export function apiSchemaOf(supergraphSdl: string): GraphQLSchema {
  return Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
}

/** What Apollo Server accepts instead of a schema. */
export type FederatedGateway = NonNullable<ApolloServerOptions<OperationContext>["gateway"]>;

/** A supergraph for two Apollo Servers, which share its plans and its compiled operations. */
export interface Federation {
  /** For operations of clients: its schema does not have what `@GatewayOnly` hides. */
  readonly api: FederatedGateway;
  /** For operations of the gateway itself: its schema has everything. */
  readonly internal: FederatedGateway;
}

export interface FederationOptions {
  readonly supergraphSdl: string;
  /** The client for each subgraph in the supergraph. */
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  /**
   * Total size of the subgraph responses for one operation. This is larger than the limit for the operation's own response, because keys and types of
   * entities are added.
   */
  readonly maxFetchedBytes?: number;
  /** Called before each subgraph call, when the plan is complete. */
  readonly onFetch?: (context: OperationContext) => void;
  readonly onMessage: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  /** Memory for query plans in MiB, shared by all operations, and the same again for compiled operations. The least recently used are evicted first. */
  readonly planCacheMiB?: number;
  /** Plans operations in a thread. Closed with the gateway. */
  readonly planner?: Planner;
  /** Processor time of planning in the event loop after which the planner's thread starts. */
  readonly threadAfterMs?: number;
  /** Called for each operation, with the executor that executes it. */
  readonly onExecute?: (executor: Executor) => void;
}

/** Returns the executors of the supergraph, which Apollo Servers start and stop. They throw if a subgraph of the supergraph has no client. */
export function createFederation({
  supergraphSdl,
  clients,
  maxFetchedBytes = Infinity,
  onFetch = () => undefined,
  onMessage,
  planCacheMiB = 50,
  planner = new Planner({ supergraphSdl: revealedSupergraph(supergraphSdl), onMessage }),
  threadAfterMs = 500,
  onExecute = () => undefined,
}: FederationOptions): Federation {
  const fetched = new WeakMap<OperationContext, number>();
  const count = (context: OperationContext, bytes: number): void => {
    const actual = (fetched.get(context) ?? 0) + bytes;
    fetched.set(context, actual);
    if (actual > maxFetchedBytes) throw new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxFetchedBytes });
  };
  // @apollo/gateway sends usage data to its vendor unless this is set. A Weft installation never calls other services on its own.
  process.env["APOLLO_TELEMETRY_DISABLED"] = "true";
  const callSubgraph: CallSubgraph = async (name, request) => {
    const client = clients.get(name);
    if (!client) throw new Error(`There is no client for the subgraph "${name}".`);
    if (request.context.isRehearsal) throw new Abandoned(new Error("A rehearsal ends before the first subgraph is called."));
    onFetch(request.context);
    return client.send({ ...request, onBytes: (bytes) => count(request.context, bytes) });
  };
  const operations = new CompiledOperations({ callSubgraph, onExecute, maxMiB: planCacheMiB });
  const plans = new PlanCache({ planner, maxMiB: planCacheMiB, startAfterMs: threadAfterMs });
  // Apollo Gateway executes only what is accessible. A second one for the hidden elements would need its own plans, planner and 60 MiB.
  const gateway = new ApolloGateway({
    // A text, and never a manager, which would pass later supergraphs to `update`: with our patch that function returns a promise, which managers do not await.
    supergraphSdl: revealedSupergraph(supergraphSdl),
    queryPlannerConfig: { cache: plans },
    experimental_didResolveQueryPlan: operations.remember,
    // Validating the subgraphs that the planner extracts takes a tenth of a second. Composing has done it already.
    validateSupergraph: !isComposed(supergraphSdl),
    __exposeQueryPlanExperimental: false,
    logger: {
      debug: (message: string) => onMessage("debug", message),
      info: (message: string) => onMessage("debug", message),
      warn: (message: string) => onMessage("warn", message),
      error: (message: string) => onMessage("error", message),
    },
    buildService: ({ name }) => {
      if (!clients.has(name)) throw new Error(`The supergraph references the subgraph "${name}", but no source is configured for it.`);
      return {
        process: ({ request: { query = "", variables = {}, operationName }, context }) =>
          callSubgraph(name, {
            query,
            variables,
            ...(operationName !== undefined && { operationName }),
            context: context as OperationContext,
          }),
      };
    },
  });
  let loading: Promise<Execute> | undefined;
  const load = (options: Parameters<FederatedGateway["load"]>[0]): Promise<Execute> =>
    (loading ??= gateway.load(options).then(({ executor }) => operations.executor(plans.over(executor as Execute))));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= planner.close().then(() => gateway.stop()));
  let loaded: SchemaUpdate | undefined;
  const listeners = new Set<(update: SchemaUpdate) => void>();
  gateway.onSchemaLoadOrUpdate((update) => {
    loaded = update;
    for (const listener of listeners) listener(update);
  });
  /** Returns what one of the servers uses. `schemaOf` returns its schema, and `over` its executor. */
  const serving = (schemaOf: (whole: GraphQLSchema) => GraphQLSchema, over: (execute: Execute) => Execute): FederatedGateway => ({
    load: async (options) => ({ executor: over(await load(options)) }),
    onSchemaLoadOrUpdate: (listener) => {
      const pass = (update: SchemaUpdate): void => listener({ ...update, apiSchema: schemaOf(update.apiSchema) });
      listeners.add(pass);
      if (loaded) pass(loaded);
      return () => void listeners.delete(pass);
    },
    stop,
  });
  return {
    api: serving((whole) => schemaForClients(whole, gatewayOnlyElements(supergraphSdl)), answeredByOwnSchema),
    internal: serving(
      (whole) => whole,
      (execute) => execute,
    ),
  };
}

type SchemaUpdate = Parameters<Parameters<FederatedGateway["onSchemaLoadOrUpdate"]>[0]>[0];
