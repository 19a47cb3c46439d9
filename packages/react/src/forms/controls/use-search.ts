import { WeftError } from "@weft/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useWeft } from "../../provider/weft-provider.js";
import { referenceFilter, referenceQueries, type FoundReferences, type Reference, type ReferenceType } from "./references.js";

export interface Search {
  readonly found: readonly Reference[];
  readonly isLoading: boolean;
  readonly error: WeftError | null;
  /** Searches shortly after the last call. */
  readonly search: (text: string, delayMs: number) => void;
}

/** Finds users, assets or buildings. The answer to the last text wins. */
export function useSearch(type: ReferenceType): Search {
  const client = useWeft();
  const [state, setState] = useState<Omit<Search, "search">>({ found: [], isLoading: false, error: null });
  const current = useRef<AbortController | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stop = useCallback(() => {
    clearTimeout(timer.current);
    current.current?.abort();
  }, []);
  useEffect(() => stop, [stop]);
  const search = useCallback(
    (text: string, delayMs: number) => {
      stop();
      const { signal } = (current.current = new AbortController());
      setState((before) => ({ ...before, isLoading: true }));
      timer.current = setTimeout(async () => {
        try {
          const variables = { filter: referenceFilter(type, text) };
          const { data, errors } = await client.execute<FoundReferences>(referenceQueries[type], variables, { signal });
          if (signal.aborted) return;
          const found = data?.found?.edges.map(({ node }) => node) ?? [];
          setState({ found, isLoading: false, error: data?.found ? null : (errors[0] ?? null) });
        } catch (error) {
          if (signal.aborted) return;
          setState({ found: [], isLoading: false, error: error instanceof WeftError ? error : null });
        }
      }, delayMs);
    },
    [client, type, stop],
  );
  return { ...state, search };
}
