import type { GraphQLFormattedError } from "graphql";
import type { OperationContext } from "../context.js";

/** One fetch of a query plan. */
export interface SubgraphRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly context: OperationContext;
  /** Hears how long the answer is, about, before it is used. */
  readonly onBytes?: (bytes: number) => void;
}

export interface SubgraphResponse {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** The way to a subgraph. */
export interface SubgraphClient {
  readonly name: string;
  /** Throws SERVICE_UNAVAILABLE with the subgraph's name when there is no usable answer in time, QUERY_LIMIT_EXCEEDED for one that is too large. */
  send(request: SubgraphRequest): Promise<SubgraphResponse>;
  /** Whether it answers at the moment; never throws. */
  isAvailable(): Promise<boolean>;
  close(): Promise<void>;
}
