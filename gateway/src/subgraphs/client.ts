import type { GraphQLFormattedError } from "graphql";
import type { OperationContext } from "../context.js";

/** One fetch of a query plan. */
export interface SubgraphRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly context: OperationContext;
  /** Called with the approximate size of the response before it is used. */
  readonly onBytes?: (bytes: number) => void;
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** The connection to a subgraph. */
export interface SubgraphClient {
  readonly name: string;
  /**
   * Throws SERVICE_UNAVAILABLE with the subgraph's name if there is no usable response in time, or QUERY_LIMIT_EXCEEDED if the response is too large.
   */
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  /** Whether the subgraph responds at the moment. Never throws. */
  isAvailable(): Promise<boolean>;
  close(): Promise<void>;
}
