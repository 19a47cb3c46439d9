import { WeftError, type GraphQLDocument } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";

interface Loaded<Result> {
  /** Null until it is loaded, and if it could not be. */
  readonly data: Result | null;
  readonly error: WeftError | null;
}

/**
 * Loads what no subscription follows. `reload` loads it again, after a change by the user.
 *
 * @param variables null: nothing is loaded
 */
export function useLoaded<Result, Variables>(
  document: GraphQLDocument<Result, Variables>,
  variables: Variables | null,
): Loaded<Result> & { readonly reload: () => Promise<void> } {
  const client = useWeft();
  const [loaded, setLoaded] = useState<Loaded<Result>>({ data: null, error: null });
  const latest = useRef(0);
  const key = JSON.stringify(variables);
  const reload = useCallback(async (): Promise<void> => {
    const attempt = ++latest.current;
    if (key === "null") return;
    const next = await client.query(document, JSON.parse(key) as Variables).then(
      (data): Loaded<Result> => ({ data, error: null }),
      (error: unknown): Loaded<Result> => {
        if (error instanceof WeftError) return { data: null, error };
        throw error;
      },
    );
    if (attempt === latest.current) setLoaded(({ data }) => ({ ...next, data: next.data ?? data }));
  }, [client, document, key]);
  useEffect(() => {
    void reload();
    return () => void latest.current++;
  }, [reload]);
  return { ...loaded, reload };
}
