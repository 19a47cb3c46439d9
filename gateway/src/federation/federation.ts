import { ApolloGateway } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { Supergraph } from "@apollo/federation-internals";
import type { ApolloServerOptions } from "@apollo/server";
import { QueryLimitExceeded } from "@weft/shared";
import { parse } from "graphql";
import type { GraphQLSchema } from "graphql";
import type { OperationContext } from "../context.js";
import type { SubgraphClient } from "../subgraphs/client.js";

// The only file that knows @apollo/gateway, its composition and its internals: another federation runtime takes their place here.

export interface SubgraphSdl {
  readonly name: string;
  readonly sdl: string;
  /** Stands in the supergraph for the reader; where a subgraph really is, the gateway's sources say. */
  readonly url?: string;
}

/**
 * Composes subgraphs into a supergraph. The same text whatever the order of the subgraphs, so a stale file is found by comparison.
 * Throws one error that lists everything that does not fit.
 */
export function composeSupergraph(subgraphs: readonly SubgraphSdl[]): string {
  const services = [...subgraphs]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, sdl, url }) => ({ name, typeDefs: parse(sdl), url: url ?? `http://${name}/graphql` }));
  const result = composeServices(services);
  if (result.errors) {
    const list = result.errors.map((error) => `- ${error.message}`);
    throw new Error(`The subgraphs ${services.map(({ name }) => name).join(", ")} do not compose:\n${list.join("\n")}`);
  }
  return result.supergraphSdl;
}

/** The schema that clients see: the supergraph without its machinery and without what is @inaccessible. */
export function apiSchemaOf(supergraphSdl: string): GraphQLSchema {
  return Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
}

/** What Apollo Server takes in the place of a schema. */
export type FederatedGateway = NonNullable<ApolloServerOptions<OperationContext>["gateway"]>;

export interface FederationOptions {
  readonly supergraphSdl: string;
  /** The client of each subgraph that the supergraph names. */
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  /** What the subgraphs may answer together to one operation. More than the operation itself may bring: keys and types of entities come with it. */
  readonly maxFetchedBytes?: number;
  /** Told before each call of a subgraph, so after the plan was made. */
  readonly onFetch?: (context: OperationContext) => void;
  readonly onMessage: (level: "debug" | "info" | "warn" | "error", message: string) => void;
  /** Memory for query plans, in MiB, shared by all operations ever seen: the oldest leave first. */
  readonly planCacheMiB?: number;
}

/** The executor of the supergraph, for Apollo Server to start and stop. Throws when a subgraph of the supergraph has no client. */
export function createFederatedGateway({
  supergraphSdl,
  clients,
  maxFetchedBytes = Infinity,
  onFetch = () => undefined,
  onMessage,
  planCacheMiB = 50,
}: FederationOptions): FederatedGateway {
  const fetched = new WeakMap<OperationContext, number>();
  const count = (context: OperationContext, bytes: number): void => {
    const actual = (fetched.get(context) ?? 0) + bytes;
    fetched.set(context, actual);
    if (actual > maxFetchedBytes) throw new QueryLimitExceeded({ limit: "responseBytes", actual, max: maxFetchedBytes });
  };
  // @apollo/gateway sends usage data to its maker unless this is set; an installation of Weft calls nobody by itself.
  process.env["APOLLO_TELEMETRY_DISABLED"] = "true";
  return new ApolloGateway({
    supergraphSdl,
    validateSupergraph: true,
    __exposeQueryPlanExperimental: false,
    experimental_approximateQueryPlanStoreMiB: planCacheMiB,
    logger: {
      debug: (message: string) => onMessage("debug", message),
      info: (message: string) => onMessage("debug", message),
      warn: (message: string) => onMessage("warn", message),
      error: (message: string) => onMessage("error", message),
    },
    buildService: ({ name }) => {
      const client = clients.get(name);
      if (!client) throw new Error(`The supergraph names the subgraph "${name}", but no source of it is configured.`);
      return {
        process: async ({ request, context }) => {
          onFetch(context as OperationContext);
          const { query, variables, operationName } = request;
          const response = await client.send({
            query: query ?? "",
            variables: variables ?? {},
            ...(operationName !== undefined && { operationName }),
            context: context as OperationContext,
            onBytes: (bytes) => count(context as OperationContext, bytes),
          });
          return response;
        },
      };
    },
  });
}
