import { WeftError, type WeftClient } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { readFragment } from "../gql";
import type { ConsoleRequestPageQuery, RequestFilter, RequestOrder } from "../gql/graphql";
import { noPages, reducePages, type RequestPagesEvent, type RequestPagesState } from "./request-pages";
import { requestCountQuery, requestListChanged, requestPageQuery, requestRow, type RequestRow } from "./requests-operations";

/** Which requests a list shows, in which order. */
export interface RequestList {
  readonly filter: RequestFilter | null;
  readonly viewId: string | null;
  readonly orderBy: RequestOrder;
  /** Whether rows have their building and asset, which are read from another part of the API. */
  readonly withPlace: boolean;
}

export interface RequestPages extends RequestPagesState {
  /** Loads the next page. Does nothing while it is loaded, and if there is none. */
  readonly loadMore: () => void;
  readonly reload: () => void;
}

const pageSize = 50;
/** After a gap, as many rows as there were, up to this number, so that the list does not jump. */
const mostAgain = 1000;
const countDelayMs = 500;

interface Page {
  readonly rows: readonly RequestRow[];
  readonly next: string | null;
  readonly liveCursor: string | null;
}

const queryPage = (client: WeftClient, { filter, viewId, orderBy, withPlace }: RequestList, after: string | null, signal: AbortSignal) =>
  client.query(requestPageQuery, { filter, viewId, orderBy, withPlace, first: pageSize, after }, { signal });

/** Rows whose details could not be loaded are shown without them. */
async function loadPage(client: WeftClient, list: RequestList, after: string | null, signal: AbortSignal): Promise<Page> {
  const result = await queryPage(client, list, after, signal).catch((error: unknown) => {
    const partial = error instanceof WeftError ? (error.data as ConsoleRequestPageQuery | null | undefined) : null;
    if (!partial?.requests) throw error;
    return partial;
  });
  const { edges = [], pageInfo } = result.requests ?? {};
  return {
    rows: edges.map(({ node }) => readFragment(requestRow, node)),
    next: pageInfo?.hasNextPage ? (pageInfo.endCursor ?? null) : null,
    liveCursor: result.liveCursor ?? null,
  };
}

/** Loads a list of requests page by page, and keeps what is loaded up to date. The rows before stay until those of another filter are loaded. */
export function useRequestPages(list: RequestList): RequestPages {
  const client = useWeft();
  const key = JSON.stringify(list);
  const [state, dispatch] = useReducer(reducePages, noPages);
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  });
  const follower = useRef<ReturnType<typeof followList> | null>(null);
  useEffect(() => {
    const current = followList({ client, list: JSON.parse(key) as RequestList, dispatch, shown: () => latest.current });
    follower.current = current;
    return () => current.stop();
  }, [client, key]);
  const loadMore = useCallback(() => void follower.current?.loadMore(), []);
  const reload = useCallback(() => void follower.current?.restart(), []);
  return { ...state, loadMore, reload };
}

type Change = Extract<RequestPagesEvent, { readonly type: "changed" }>;

interface Following {
  readonly client: WeftClient;
  readonly list: RequestList;
  readonly dispatch: (event: RequestPagesEvent) => void;
  readonly shown: () => RequestPagesState;
}

function followList({ client, list, dispatch, shown }: Following) {
  const abort = new AbortController();
  const { signal } = abort;
  const { filter, viewId, orderBy, withPlace } = list;
  let unsubscribe: (() => void) | null = null;
  let counting: ReturnType<typeof setTimeout> | undefined;
  /** Number of the newest count: an older one can be answered later. */
  let counts = 0;
  // What was loaded or happened before a restart is not added after it.
  let generation = 0;
  /** Generation whose next page is being loaded. */
  let loadingMore: number | null = null;
  /** What has changed while the next page was loaded: its rows can be those of before. */
  let meanwhile: Change[] = [];

  const fail = (error: unknown): void => {
    if (signal.aborted) return;
    if (!(error instanceof WeftError)) throw error;
    dispatch({ type: "failed", error });
  };
  const count = async (): Promise<void> => {
    const own = ++counts;
    // Without the number, the list is as useful as with it.
    const result = await client.query(requestCountQuery, { filter, viewId }, { signal }).catch(() => null);
    if (result?.requests && !signal.aborted && own === counts) dispatch({ type: "counted", total: result.requests.totalCount });
  };
  const countSoon = (): void => {
    counting ??= setTimeout(() => {
      counting = undefined;
      void count();
    }, countDelayMs);
  };
  const follow = (after: string | null): void => {
    unsubscribe = client.subscribe(
      requestListChanged,
      { filter, viewId, withPlace, ...(after !== null && { after }) },
      {
        next: ({ requestListChanged: { requestId, request } }) => {
          const change: Change = { type: "changed", id: requestId, row: readFragment(requestRow, request) ?? null, orderBy };
          if (loadingMore === generation) meanwhile.push(change);
          dispatch(change);
          countSoon();
        },
        error: fail,
        gap: () => void restart({ rowCount: shown().rows?.length ?? 0 }),
      },
    );
  };
  const restart = async ({ rowCount = 0 } = {}): Promise<void> => {
    const own = ++generation;
    const isOver = (): boolean => signal.aborted || own !== generation;
    // What happens while the list is loaded comes again from the new subscription, which begins where the list was read.
    unsubscribe?.();
    unsubscribe = null;
    meanwhile = [];
    dispatch({ type: "began" });
    void count();
    try {
      const { liveCursor, ...first } = await loadPage(client, list, null, signal);
      let { rows, next } = first;
      while (next !== null && !isOver() && rows.length < Math.min(rowCount, mostAgain)) {
        const more = await loadPage(client, list, next, signal);
        rows = [...rows, ...more.rows];
        next = more.next;
      }
      if (isOver()) return;
      dispatch({ type: "loaded", rows, next });
      follow(liveCursor);
    } catch (error) {
      if (!isOver()) fail(error);
    }
  };
  void restart();
  return {
    restart: () => restart(),
    stop: () => {
      abort.abort();
      clearTimeout(counting);
      unsubscribe?.();
    },
    loadMore: async (): Promise<void> => {
      const { next, isStale } = shown();
      if (next === null || isStale || loadingMore === generation) return;
      const own = generation;
      const isOver = (): boolean => signal.aborted || own !== generation;
      loadingMore = own;
      meanwhile = [];
      try {
        const page = await loadPage(client, list, next, signal);
        if (isOver()) return;
        dispatch({ type: "more", rows: page.rows, next: page.next });
        for (const change of meanwhile) dispatch(change);
      } catch (error) {
        if (!isOver()) fail(error);
      } finally {
        if (loadingMore === own) loadingMore = null;
      }
    },
  };
}
