import type { GraphQLDocument, JsonObject } from "@weft/client";
import { useLiveQuery, type LiveQueryResult } from "@weft/react";
import { useEffect, useRef } from "react";

interface Source {
  readonly subscription: GraphQLDocument<unknown, never>;
  readonly variables?: JsonObject;
}

/** Counters of the present day begin anew at midnight, without an event. */
const refreshMs = 5 * 60_000;

/**
 * A live query that is loaded at most once in `everyMs`, however many events there are: sums over many rows must not be computed for each of them.
 * The last event always counts.
 */
export function useCalmQuery<Result, Variables>(
  query: GraphQLDocument<Result, Variables>,
  sources: readonly Source[],
  variables: Variables,
  everyMs: number,
): LiveQueryResult<Result> {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const loadedAt = useRef(0);
  const live = useLiveQuery(
    query,
    sources.map((source) => ({
      ...source,
      concerns: () => {
        timer.current ??= setTimeout(load, Math.max(0, loadedAt.current + everyMs - Date.now()));
        return false;
      },
    })),
    variables,
    { keepsPreviousData: true },
  );
  const { reload } = live;
  const latest = useRef(reload);
  latest.current = reload;
  function load(): void {
    clearTimeout(timer.current);
    timer.current = undefined;
    loadedAt.current = Date.now();
    void latest.current();
  }
  useEffect(() => {
    const refresh = setInterval(load, refreshMs);
    return () => {
      clearInterval(refresh);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, []);
  return live;
}
