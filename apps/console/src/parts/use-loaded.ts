import { WeftError, type TypedDocument } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";

interface Loaded<Result> {
  readonly data: Result | null;
  readonly error: WeftError | null;
}

/** Loads what no subscription follows. `reload` loads it again, after a change by the user. */
export function useLoaded<Result>(query: TypedDocument<Result, { readonly [name: string]: never }>) {
  const client = useWeft();
  const [state, setState] = useState<Loaded<Result>>({ data: null, error: null });
  const latest = useRef(0);
  const reload = useCallback(async (): Promise<void> => {
    const attempt = ++latest.current;
    const next = await client.query(query).then(
      (data): Loaded<Result> => ({ data, error: null }),
      (error: unknown): Loaded<Result> => {
        if (error instanceof WeftError) return { data: null, error };
        throw error;
      },
    );
    if (attempt === latest.current) setState(({ data }) => ({ ...next, data: next.data ?? data }));
  }, [client, query]);
  useEffect(() => void reload(), [reload]);
  return { ...state, reload };
}
