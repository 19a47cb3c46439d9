import { WeftError, type GraphQLDocument } from "@weft/client";
import { useWeft } from "@weft/react";
import { useEffect, useState } from "react";

interface Loaded<Result> {
  /** Null until it is loaded, and if it could not be. */
  readonly data: Result | null;
  readonly error: WeftError | null;
}

/** Loads a query once, for what need not be live: choices of a filter. @param variables null: nothing is loaded */
export function useLoaded<Result, Variables>(document: GraphQLDocument<Result, Variables>, variables: Variables | null): Loaded<Result> {
  const client = useWeft();
  const [loaded, setLoaded] = useState<Loaded<Result>>({ data: null, error: null });
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (key === "null") return undefined;
    const abort = new AbortController();
    client.query(document, JSON.parse(key) as Variables, { signal: abort.signal }).then(
      (data) => setLoaded({ data, error: null }),
      (error: unknown) => {
        if (!abort.signal.aborted && error instanceof WeftError) setLoaded({ data: null, error });
      },
    );
    return () => abort.abort();
  }, [client, document, key]);
  return loaded;
}
