import { UnknownOutcomeError, WeftError, type GraphQLDocument, type JsonObject } from "@weft/client";
import { useCallback, useMemo, useRef, useState } from "react";
import { useLatest } from "../live/stable.js";
import { keyOf, useSession, useWeft } from "../provider/weft-provider.js";

export interface Action<Input, Result> {
  /**
   * Runs the action. While it runs, further calls return the promise of the first, so that a double click runs it once.
   *
   * Resolves with the result, or null if it failed: `error` says why.
   */
  readonly run: (input: Input) => Promise<Result | null>;
  readonly isPending: boolean;
  /** Why the last run failed. */
  readonly error: WeftError | null;
  /** Result of the last run. Null while it runs, and if it failed. */
  readonly data: Result | null;
  /** Forgets the error and the result. */
  readonly reset: () => void;
}

/** @param idempotencyKey that of the same call before, whose answer was lost. Undefined: a new one */
export type Work<Input, Result> = (input: Input, idempotencyKey: string | undefined) => Promise<Result>;

interface Outcome<Result> {
  /** Session in which it ran. */
  readonly key: string | null;
  readonly isPending: boolean;
  readonly error: WeftError | null;
  readonly data: Result | null;
}

/** Makes an action of a function. */
export function useWork<Input, Result>(work: Work<Input, Result>): Action<Input, Result> {
  const client = useWeft();
  const latest = useLatest(work);
  const key = keyOf(useSession());
  const [shown, show] = useState<Outcome<Result>>({ key, isPending: false, error: null, data: null });
  const running = useRef<Promise<Result | null> | null>(null);
  const lost = useRef<{ readonly input: string; readonly key: string } | null>(null);

  const run = useCallback(
    (input: Input): Promise<Result | null> => {
      if (running.current) return running.current;
      const began = keyOf(client.session.state);
      const attempt = async (): Promise<Result | null> => {
        show({ key: began, isPending: true, error: null, data: null });
        const text = JSON.stringify(input ?? null);
        // Repeated by the user after the answer was lost: the same call, which Weft executes once.
        const again = lost.current?.input === text ? lost.current.key : undefined;
        lost.current = null;
        try {
          const data = await latest.current(input, again);
          show({ key: began, isPending: false, error: null, data });
          return data;
        } catch (problem) {
          const error = problem instanceof WeftError ? problem : null;
          if (error instanceof UnknownOutcomeError && error.idempotencyKey !== null)
            lost.current = { input: text, key: error.idempotencyKey };
          show({ key: began, isPending: false, error, data: null });
          if (!error) throw problem;
          return null;
        } finally {
          running.current = null;
        }
      };
      running.current = attempt();
      return running.current;
    },
    [client, latest],
  );
  const reset = useCallback(() => show({ key: keyOf(client.session.state), isPending: false, error: null, data: null }), [client]);
  // What belongs to the user before is not shown to the next one.
  const isOwn = shown.key === key;
  const { isPending } = shown;
  const error = isOwn ? shown.error : null;
  const data = isOwn ? shown.data : null;
  return useMemo(() => ({ run, isPending, error, data, reset }), [run, isPending, error, data, reset]);
}

/**
 * Runs a mutation when `run` is called, once per click.
 *
 * ```tsx
 * const { run, isPending, error } = useAction(createRequest);
 * ```
 */
export function useAction<Result = JsonObject, Variables = JsonObject>(
  document: GraphQLDocument<Result, Variables>,
): Action<Variables, Result> {
  const client = useWeft();
  return useWork((variables, idempotencyKey) => client.mutate(document, variables, { idempotencyKey }));
}
