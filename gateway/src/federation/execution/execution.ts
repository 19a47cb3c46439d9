import type { OperationContext } from "../../context.js";
import type { SubgraphRequest, SubgraphResponse } from "../../subgraphs/client.js";
import type { Json, JsonObject } from "./json.js";

/** Calls a subgraph. Throws SERVICE_UNAVAILABLE or QUERY_LIMIT_EXCEEDED. */
export type CallSubgraph = (name: string, request: Omit<SubgraphRequest, "onBytes">) => Promise<SubgraphResponse>;

/** One execution of a compiled operation. */
export interface Execution {
  readonly callSubgraph: CallSubgraph;
  readonly context: OperationContext;
  readonly variables: Readonly<Record<string, Json>>;
  /** Values of the variables that `@skip` and `@include` use. */
  readonly conditions: Readonly<Record<string, boolean>>;
  /** The merged responses so far. */
  readonly data: JsonObject;
  readonly errors: unknown[];
}
