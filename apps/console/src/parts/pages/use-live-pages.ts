import { WeftError, type GraphQLDocument } from "@weft/client";
import { useLiveQuery, useWeft, type LiveSource } from "@weft/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { joinPages, type Page } from "./join-pages";

interface LivePagesOptions<Result, Variables, Node> {
  /** Selects `liveCursor`. Its variable `$older` is the cursor after which a page begins. */
  readonly query: GraphQLDocument<Result, Variables & { readonly older?: string | null }>;
  readonly sources: readonly LiveSource[];
  readonly variables: Variables;
  /** Null if the list cannot be seen. */
  readonly pageOf: (result: Result) => Page<Node> | null | undefined;
}

interface LivePages<Result, Node> {
  /** The newest page, with what the query selects in addition. Null until it is loaded. */
  readonly data: Result | null;
  /** Null until the first page is loaded. */
  readonly page: Page<Node> | null;
  readonly error: WeftError | null;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  /** Forgets all pages but the newest, because an item of an older one has changed. */
  readonly forgetOlder: () => void;
  readonly reload: () => Promise<unknown>;
}

/** A long list, newest first, whose first page is kept up to date, and whose older pages are loaded when they are needed. */
export function useLivePages<Result, Variables extends object, Node>(
  options: LivePagesOptions<Result, Variables, Node>,
): LivePages<Result, Node> {
  const { query, sources, variables, pageOf } = options;
  const client = useWeft();
  const live = useLiveQuery(query as GraphQLDocument<Result, Variables>, sources, variables);
  const newest = (live.data && pageOf(live.data)) ?? null;
  const key = JSON.stringify(variables);
  const kept = useRef<{ readonly key: string; readonly page: Page<Node> | null }>({ key, page: null });
  const [changes, setChanges] = useState(0);
  const page = useMemo(
    () => newest && joinPages(newest, kept.current.key === key ? kept.current.page : null),
    // What is kept changes with the number of changes.
    [newest, key, changes],
  );
  useEffect(() => {
    kept.current = { key, page };
  }, [key, page]);
  const keep = (next: Page<Node> | null): void => {
    kept.current = { key, page: next };
    setChanges((count) => count + 1);
  };
  const [more, setMore] = useState<{ readonly isPending: boolean; readonly error: WeftError | null }>({ isPending: false, error: null });
  const loadMore = async (): Promise<void> => {
    const last = page?.edges.at(-1);
    if (more.isPending || !page?.pageInfo.hasNextPage || !last) return;
    setMore({ isPending: true, error: null });
    let error: WeftError | null = null;
    try {
      const next = pageOf(await client.query(query, { ...variables, older: last.cursor }));
      const now = kept.current.page;
      // Otherwise the list was loaded anew in the meantime.
      if (next && now?.edges.at(-1)?.cursor === last.cursor) keep({ edges: [...now.edges, ...next.edges], pageInfo: next.pageInfo });
    } catch (problem) {
      if (!(problem instanceof WeftError)) throw problem;
      error = problem;
    } finally {
      setMore({ isPending: false, error });
    }
  };
  return {
    data: live.data,
    page,
    error: live.error ?? more.error,
    isLoadingMore: more.isPending,
    loadMore: () => void loadMore(),
    forgetOlder: () => keep(null),
    reload: live.reload,
  };
}
