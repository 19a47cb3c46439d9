import { WeftError, type GraphQLDocument } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";

const pollMs = 1000;
/** After an error that can pass. The client has tried several times by then. */
const retryMs = 5000;

interface PolledOptions<Result, Found> {
  readonly query: GraphQLDocument<Result, { readonly id: string }>;
  /** Null: nothing is read. */
  readonly id: string | null;
  readonly pick: (result: Result) => Found | null | undefined;
  /** Whether it changes by itself, so that it must be read again. */
  readonly isRunning: (found: Found) => boolean;
}

interface Polled<Found> {
  /** Undefined until it is read for the first time. Null if it is no longer there. */
  readonly found: Found | null | undefined;
  readonly error: WeftError | null;
}

/** Reads something until it has ended: for what the API has no event of. `restart` begins again, after the user has set it going. */
export function usePolled<Result, Found>({
  query,
  id,
  pick,
  isRunning,
}: PolledOptions<Result, Found>): Polled<Found> & { readonly restart: () => void } {
  const client = useWeft();
  const [state, setState] = useState<Polled<Found>>({ found: undefined, error: null });
  const [round, setRound] = useState(0);
  const latest = useRef({ pick, isRunning });
  latest.current = { pick, isRunning };
  useEffect(() => setState({ found: undefined, error: null }), [id]);
  useEffect(() => {
    if (id === null) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      try {
        const found = latest.current.pick(await client.query(query, { id }, { signal: abort.signal })) ?? null;
        if (abort.signal.aborted) return;
        setState({ found, error: null });
        if (found !== null && latest.current.isRunning(found)) timer = setTimeout(() => void read(), pollMs);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof WeftError)) throw error;
        setState(({ found }) => ({ found, error }));
        if (error.isRetryable) timer = setTimeout(() => void read(), error.retryAfterMs ?? retryMs);
      }
    };
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [client, query, id, round]);
  const restart = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, restart };
}
