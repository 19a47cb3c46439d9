import type { WeftClient } from "./client.js";
import type { GraphQLDocument } from "./document.js";

/** A Relay connection with what is needed to load the next page. */
export interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

export interface PagesOptions<Result, Variables, Node> {
  /** Has the variable `$after`, and selects `pageInfo { hasNextPage endCursor }`. */
  readonly query: GraphQLDocument<Result, Variables>;
  /** Without `after`. */
  readonly variables?: Omit<Variables, "after">;
  /** Finds the connection in the result. Null: the list cannot be seen, or its object does not exist. */
  readonly connection: (data: Result) => Connection<Node> | null | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Goes through all nodes of a list, and loads the next page when it is needed.
 *
 * ```ts
 * for await (const request of nodesOf(client, { query, connection: (data) => data.requests })) …
 * ```
 */
export async function* nodesOf<Result, Variables, Node>(
  client: WeftClient,
  { query, variables, connection, signal }: PagesOptions<Result, Variables, Node>,
): AsyncGenerator<Node, void, void> {
  for (let after: string | null = null; ;) {
    const data = await client.query(query, { ...variables, after } as Variables, { signal });
    const page = connection(data);
    if (!page) return;
    for (const { node } of page.edges) yield node;
    const { hasNextPage, endCursor = null } = page.pageInfo;
    if (!hasNextPage || endCursor === null) return;
    after = endCursor;
  }
}
