/**
 * Stored operations: what stands for the text of an operation. `persisted-queries` knows texts that clients have sent before, by their hashes. This folder
 * never decides what a viewer can see: the operation does, whichever it is.
 */
import type { Viewer } from "@weft/shared/viewer";
import { GraphQLError } from "graphql";
import type { Operation } from "../executor.js";
import type { SentOperation } from "../http/requests/graphql-request.js";
import { assertHashOf } from "./persisted-queries.js";
import type { PersistedQueries } from "./persisted-queries.js";

/** Who sends an operation. */
export interface Sender {
  readonly viewer: Viewer | null;
  readonly address: string | null;
}

export interface StoredOperations {
  /**
   * Returns the operation with its text.
   * @throws GraphQLError with the code PERSISTED_QUERY_NOT_FOUND for an unknown hash, or BAD_REQUEST for one that is not that of the text
   */
  operationOf(sent: SentOperation, sender: Sender): Promise<Operation>;
  /** Keeps the text of an operation that was sent with its hash. Called when it was executed: refused texts take no place. */
  accepted(sent: SentOperation, sender: Sender): void;
}

export function createStoredOperations({ queries }: { readonly queries: PersistedQueries }): StoredOperations {
  return {
    operationOf: async (sent, sender) => {
      const { query, hash } = sent;
      if (query === undefined && hash === undefined)
        throw new GraphQLError("Send the text of the operation as query.", { extensions: { code: "BAD_REQUEST" } });
      if (query === undefined) return withText(sent, await queries.get(hash ?? "", sender));
      if (hash !== undefined) assertHashOf(query, hash);
      return withText(sent, query);
    },
    accepted: ({ query, hash }, sender) => {
      if (query !== undefined && hash !== undefined) queries.keep(hash, query, sender);
    },
  };
}

const withText = ({ operationName, variables }: SentOperation, query: string): Operation => ({
  query,
  variables,
  ...(operationName !== undefined && { operationName }),
});
