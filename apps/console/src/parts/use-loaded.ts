import { WeftError, type GraphQLDocument } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";

interface LoadedOptions<Result> {
  /** Whether the result of the variables before stays until that of the new ones is loaded: for a list that the user searches. */
  readonly keepsPreviousData?: boolean;
  /** Called with what is loaded, before it is shown. */
  readonly onLoaded?: (data: Result) => void;
}

interface Loaded<Result> {
  /** Null until it is loaded, and if it could not be. */
  readonly data: Result | null;
  readonly error: WeftError | null;
}

interface Kept<Result> extends Loaded<Result> {
  /** The variables that it was loaded for. */
  readonly key: string;
}

const nothing = { key: "null", data: null, error: null };

/**
 * Loads what no subscription follows. `reload` loads it again, after a change by the user.
 *
 * @param variables null: nothing is loaded
 */
export function useLoaded<Result, Variables>(
  document: GraphQLDocument<Result, Variables>,
  variables: Variables | null,
  { keepsPreviousData = false, onLoaded }: LoadedOptions<Result> = {},
): Loaded<Result> & { readonly reload: () => Promise<void> } {
  const client = useWeft();
  const [loaded, setLoaded] = useState<Kept<Result>>(nothing);
  const latest = useRef(0);
  const listener = useRef(onLoaded);
  listener.current = onLoaded;
  const key = JSON.stringify(variables);
  const reload = useCallback(async (): Promise<void> => {
    const attempt = ++latest.current;
    // Otherwise the result of long ago would be there for a moment when the same variables come back.
    if (key === "null") return setLoaded(nothing);
    const next = await client.query(document, JSON.parse(key) as Variables).then(
      (data): Loaded<Result> => ({ data, error: null }),
      (error: unknown): Loaded<Result> => {
        if (error instanceof WeftError) return { data: null, error };
        throw error;
      },
    );
    if (attempt !== latest.current) return;
    if (next.data !== null) listener.current?.(next.data);
    setLoaded((before) => ({ key, error: next.error, data: next.data ?? (before.key === key || keepsPreviousData ? before.data : null) }));
  }, [client, document, key, keepsPreviousData]);
  useEffect(() => {
    void reload();
    return () => void latest.current++;
  }, [reload]);
  const { data, error } = loaded.key === key ? loaded : { data: keepsPreviousData && key !== "null" ? loaded.data : null, error: null };
  return { data, error, reload };
}
