import { WeftError, type GraphQLDocument, type WeftClient } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";

interface Connection<Node> {
  readonly edges: readonly { readonly node: Node }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface PageListOptions<Result, Variables, Node> {
  /** Its variable `$after` is the cursor after which a page begins. */
  readonly query: GraphQLDocument<Result, Variables & { readonly after?: string | null }>;
  readonly variables: Variables;
  readonly pageOf: (result: Result) => Connection<Node> | null | undefined;
}

interface Pages<Node> {
  /** Null until the first page is loaded. Those of other variables stay until it is. */
  readonly rows: readonly Node[] | null;
  /** Cursor of the next page. Null if there is none. */
  readonly next: string | null;
  readonly error: WeftError | null;
  /** Whether the rows are not, or not yet, those of the variables. */
  readonly isStale: boolean;
}

export interface PageList<Node> extends Pages<Node> {
  /** Loads the next page. Does nothing while something is loaded, after an error, and if there is none. */
  readonly loadMore: () => void;
  /** Begins again with the first page. */
  readonly reload: () => void;
}

type Loader<Node> = (client: WeftClient, after: string | null, signal: AbortSignal) => Promise<Pick<Pages<Node>, "rows" | "next">>;

/** Rows are shown without what could not be loaded of them. */
function loaderOf<Result, Variables extends object, Node>({
  query,
  variables,
  pageOf,
}: PageListOptions<Result, Variables, Node>): Loader<Node> {
  return async (client, after, signal) => {
    const result = await client.query(query, { ...variables, after }, { signal }).catch((error: unknown) => {
      const partial = error instanceof WeftError ? (error.data as Result | null | undefined) : null;
      if (!partial || !pageOf(partial)) throw error;
      return partial;
    });
    const page = pageOf(result);
    return { rows: page?.edges.map(({ node }) => node) ?? [], next: page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null };
  };
}

/** A list that no subscription follows, page by page. */
export function usePageList<Result, Variables extends object, Node>(options: PageListOptions<Result, Variables, Node>): PageList<Node> {
  const client = useWeft();
  const key = JSON.stringify(options.variables);
  const latest = useRef(options);
  latest.current = options;
  const [pages, setPages] = useState<Pages<Node>>({ rows: null, next: null, error: null, isStale: true });
  const [round, setRound] = useState(0);
  const loading = useRef<AbortController | null>(null);
  const load = useCallback(
    async (after: string | null): Promise<void> => {
      loading.current?.abort();
      const own = new AbortController();
      loading.current = own;
      try {
        const page = await loaderOf(latest.current)(client, after, own.signal);
        if (own.signal.aborted) return;
        const rows = page.rows ?? [];
        setPages((before) => ({
          rows: after === null ? rows : [...(before.rows ?? []), ...rows],
          next: page.next,
          error: null,
          isStale: false,
        }));
      } catch (error) {
        if (own.signal.aborted) return;
        if (!(error instanceof WeftError)) throw error;
        setPages((before) => ({ ...before, error }));
      } finally {
        if (loading.current === own) loading.current = null;
      }
    },
    [client, key],
  );
  useEffect(() => {
    setPages((before) => ({ ...before, isStale: true }));
    void load(null);
    return () => loading.current?.abort();
  }, [load, round]);
  const { next, isStale, error } = pages;
  const loadMore = useCallback(() => {
    if (next !== null && !isStale && error === null && loading.current === null) void load(next);
  }, [load, next, isStale, error]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...pages, loadMore, reload };
}
