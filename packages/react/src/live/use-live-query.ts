import { sessionKeyOf, type GraphQLDocument, type JsonObject } from "@weft/client";
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useSession, useWeft } from "../provider/weft-provider.js";
import { createLiveQuery, type LiveQuery, type LiveQueryState } from "./live-query.js";
import { useLatest, useSame, useSameList } from "./stable.js";

/** One of several subscriptions of a query. */
export interface LiveSource {
  readonly subscription: GraphQLDocument<unknown, never>;
  /** Without `after`. Default: the variables of the query */
  readonly variables?: JsonObject;
  /** Whether an event can change the data. Default: every event can */
  readonly concerns?: (event: never) => boolean;
}

export interface LiveQueryHookOptions<Event> {
  /** Whether an event can change the data. Default: every event can */
  readonly concerns?: (event: Event) => boolean;
  /** Whether the data for other variables is shown until that for new ones is loaded, for example when a filter changes. Default: false */
  readonly keepsPreviousData?: boolean;
}

export interface LiveQueryResult<Result> extends LiveQueryState<Result> {
  /** Loads the data again. Resolves with data that is at least as new as the call, or null if it could not be loaded. */
  readonly reload: () => Promise<Result | null>;
}

const isList = (value: unknown): value is readonly LiveSource[] => Array.isArray(value);
const always = (): boolean => true;

/**
 * Loads a query, follows a subscription from there, and loads the query again after events, and after a gap. At most one load is under way, and the
 * old data stays until it has ended. Forgets the data when the session ends or another user logs in.
 *
 * ```tsx
 * const { data, error, status } = useLiveQuery(requestsQuery, requestChanged, { first: 20 });
 * ```
 *
 * @param query selects `liveCursor`
 * @param subscription has the variable `$after` and selects `cursor`; a list if several kinds of events can change the data
 * @param variables of the query, and of the subscription
 */
export function useLiveQuery<Result, Variables = JsonObject, Event = JsonObject>(
  query: GraphQLDocument<Result, Variables>,
  subscription: GraphQLDocument<Event, never> | readonly LiveSource[],
  variables?: Variables,
  { concerns, keepsPreviousData = false }: LiveQueryHookOptions<Event> = {},
): LiveQueryResult<Result> {
  const client = useWeft();
  const sources: readonly LiveSource[] = isList(subscription) ? subscription : [{ subscription, ...(concerns && { concerns }) }];
  const given = useSame((variables ?? {}) as JsonObject);
  const ofSources = useSame(sources.map((source) => source.variables ?? null));
  const subscriptions = useSameList(sources.map((source) => source.subscription));
  const latest = useLatest(sources);
  const key = sessionKeyOf(useSession());
  const last = useRef<{ readonly key: string | null; readonly data: Result | null }>({ key: null, data: null });
  const live = useMemo(
    () =>
      createLiveQuery<Result>({
        client,
        query,
        variables: given,
        follow: () =>
          subscriptions.map((one, index) => ({
            subscription: one,
            variables: ofSources[index] ?? given,
            concerns: (event) => (latest.current[index]?.concerns ?? always)(event as never),
          })),
        previous: keepsPreviousData && last.current.key === key ? last.current.data : null,
      }),
    // `key` and `keepsPreviousData` decide only what a new one begins with.
    [client, query, given, ofSources, subscriptions],
  );
  const state = useLiveState(live);
  useEffect(() => {
    last.current = { key, data: state.data };
  }, [key, state.data]);
  return state;
}

/** Follows a live query. @throws TypeError if its documents cannot be followed */
export function useLiveState<Result>(live: LiveQuery<Result>): LiveQueryResult<Result> {
  const state = useSyncExternalStore(live.subscribe, live.state, live.state);
  const fault = live.fault();
  if (fault) throw fault;
  const reload = useCallback(() => live.reload(), [live]);
  return useMemo(() => ({ ...state, reload }), [state, reload]);
}
