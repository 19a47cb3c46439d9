import { WeftError, type GraphQLDocument, type JsonObject, type LiveStatus, type WeftClient } from "@weft/client";
import { sawEvent } from "../sla/server-time.js";
import { whileListened } from "./while-listened.js";

export interface LiveQueryState<Result> {
  /** Null until it is loaded, and after a logout. While it is loaded again, and while Weft cannot be reached: the data before. */
  readonly data: Result | null;
  /** Why the data could not be loaded, or is incomplete, or can no longer be followed. */
  readonly error: WeftError | null;
  /** `live`: the data is up to date, and changes follow as they happen. `behind`: changes may be missing for now. `signedOut`: nobody is logged in. */
  readonly status: LiveStatus;
  readonly isLoading: boolean;
}

/** A subscription after whose events a query is loaded again. */
export interface Followed {
  readonly subscription: GraphQLDocument<unknown, never>;
  /** Without `after`. */
  readonly variables: JsonObject;
  /** Whether an event can change the data. */
  readonly concerns: (event: unknown) => boolean;
}

export interface LiveQueryOptions<Result> {
  readonly client: WeftClient;
  /** Selects `liveCursor`. */
  readonly query: GraphQLDocument<Result, never>;
  readonly variables: JsonObject;
  /** Which subscriptions to follow, decided once, when the data has been loaded. */
  readonly follow: (data: Result) => readonly Followed[];
  /** Shown until the data has been loaded. */
  readonly previous: Result | null;
}

/** A query that is kept up to date while something listens. It has the shape that `useSyncExternalStore` expects. */
export interface LiveQuery<Result> {
  readonly state: () => LiveQueryState<Result>;
  readonly subscribe: (listener: () => void) => () => void;
  /** Loads the data again. Resolves with data that is at least as new as the call, or null if it could not be loaded. */
  readonly reload: () => Promise<Result | null>;
  /** A mistake in the documents, for an error boundary. */
  readonly fault: () => TypeError | null;
}

/** What runs while somebody listens and is logged in. */
interface Run<Result> {
  readonly ended: AbortController;
  readonly stops: (() => void)[];
  readonly statuses: LiveStatus[];
  isLoading: boolean;
  /** Whether something has changed since the load began. */
  isOutdated: boolean;
  /** Whether the last load has failed, so that its data is older than the last event. */
  hasFailed: boolean;
  failures: number;
  loadError: WeftError | null;
  liveError: WeftError | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Calls that wait for a load which begins after them. */
  waiting: ((data: Result | null) => void)[];
}

/** One change often sends several events, such as those of an instance and its task. */
const coalesceMs = 50;
const firstRetryMs = 3_000;
const maxRetryMs = 60_000;

export function createLiveQuery<Result>(options: LiveQueryOptions<Result>): LiveQuery<Result> {
  const { client, query, variables, follow, previous } = options;
  let run: Run<Result> | null = null;
  let fault: TypeError | null = null;
  const show = (data: Result | null): void => {
    const next: LiveQueryState<Result> = {
      data,
      error: run?.loadError ?? run?.liveError ?? null,
      status:
        listening.key() === null ? "signedOut" : run && !run.hasFailed && run.statuses.every((one) => one === "live") ? "live" : "behind",
      isLoading: run?.isLoading ?? false,
    };
    if ((Object.keys(next) as (keyof typeof next)[]).every((name) => next[name] === state[name])) return;
    state = next;
    listening.notify();
  };
  const isOver = (one: Run<Result>): boolean => one.ended.signal.aborted;

  const loadSoon = (one: Run<Result>, ms: number): void => {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => void load(one), ms);
  };
  /** After an event. While a load is under way, the next one begins when it has ended. */
  const outdated = (one: Run<Result>): void => {
    if (one.isLoading) one.isOutdated = true;
    else loadSoon(one, coalesceMs);
  };
  const retry = (one: Run<Result>): void =>
    loadSoon(one, Math.min(firstRetryMs * 2 ** one.failures++, maxRetryMs) * (0.75 + Math.random() / 2));
  const fail = (one: Run<Result>, problem: unknown): void => {
    if (!(problem instanceof WeftError)) {
      fault = problem instanceof TypeError ? problem : new TypeError("The query failed.", { cause: problem });
      return;
    }
    one.loadError = problem;
    one.hasFailed = true;
    if (problem.isRetryable) retry(one);
  };
  const load = async (one: Run<Result>): Promise<void> => {
    if (isOver(one)) return;
    clearTimeout(one.timer);
    one.isLoading = true;
    one.isOutdated = false;
    const waiting = one.waiting.splice(0);
    show(state.data);
    let { data } = state;
    let loaded: Result | null = null;
    try {
      const answer = await client.execute(query, variables as never, { signal: one.ended.signal });
      if (isOver(one)) return;
      const [error] = answer.errors;
      const passing = answer.errors.filter(({ isRetryable }) => isRetryable);
      // A part of Weft that is down for a moment must not empty the screen.
      if (!answer.data || passing.some(({ path }) => (path?.length ?? 0) < 2)) {
        data ??= answer.data;
        fail(one, passing[0] ?? error ?? new TypeError("The answer is empty."));
      } else {
        one.loadError = error ?? null;
        one.hasFailed = false;
        data = answer.data;
        loaded = data;
        if (passing.length > 0) retry(one);
        else one.failures = 0;
        if (one.stops.length === 0) followFrom(one, answer.data);
      }
    } catch (problem) {
      if (isOver(one)) return;
      fail(one, problem);
    } finally {
      // Also if the run has ended: nobody must wait forever.
      for (const resolve of waiting) resolve(loaded);
    }
    one.isLoading = false;
    if (one.isOutdated || one.waiting.length > 0) loadSoon(one, one.waiting.length > 0 ? 0 : coalesceMs);
    show(data);
  };
  const followFrom = (one: Run<Result>, data: Result): void => {
    const all = follow(data);
    if (all.length === 0) return;
    const after = (data as { readonly liveCursor?: unknown } | null)?.liveCursor;
    if (after === undefined) {
      fault = new TypeError("This query cannot be followed without missing changes. Select `liveCursor` at its root.");
      return;
    }
    for (const { subscription, variables: given, concerns } of all) {
      const index = one.statuses.push("behind") - 1;
      const stop = client.subscribe(subscription, { ...given, after } as never, {
        next: (event) => {
          sawEvent(client, event);
          if (concerns(event)) outdated(one);
        },
        gap: () => outdated(one),
        status: (status) => {
          const wasLive = one.statuses[index] === "live";
          one.statuses[index] = status;
          // The network is back: what could not be loaded can be now. Without a cursor, changes before this moment were not sent.
          if (status === "live" && (one.hasFailed || (after === null && !wasLive))) outdated(one);
          if (!isOver(one)) show(state.data);
        },
        error: (error) => {
          if (isOver(one)) return;
          one.liveError = error;
          show(state.data);
        },
      });
      one.stops.push(stop);
    }
  };
  const end = (): void => {
    if (!run) return;
    const ended = run;
    run = null;
    ended.ended.abort();
    clearTimeout(ended.timer);
    for (const stop of ended.stops) stop();
    for (const resolve of ended.waiting.splice(0)) resolve(null);
  };
  const begin = (): void => {
    if (run || listening.key() === null) return;
    run = {
      ended: new AbortController(),
      stops: [],
      statuses: [],
      isLoading: false,
      isOutdated: false,
      hasFailed: true,
      failures: 0,
      loadError: null,
      liveError: null,
      timer: undefined,
      waiting: [],
    };
    void load(run);
  };
  const listening = whileListened(client, {
    begin,
    end,
    onUser: (isListened) => {
      show(null);
      if (isListened) begin();
    },
  });
  const isSignedIn = listening.key() !== null;
  let state: LiveQueryState<Result> = {
    data: isSignedIn ? previous : null,
    error: null,
    status: isSignedIn ? "behind" : "signedOut",
    isLoading: isSignedIn,
  };

  return {
    state: () => state,
    fault: () => fault,
    subscribe: listening.subscribe,
    reload: () => {
      // A subscription that Weft has refused begins again, too.
      if (run?.liveError) {
        end();
        begin();
      }
      const current = run;
      if (!current) return Promise.resolve(state.data);
      return new Promise((resolve) => {
        current.waiting.push(resolve);
        if (!current.isLoading) void load(current);
      });
    },
  };
}
