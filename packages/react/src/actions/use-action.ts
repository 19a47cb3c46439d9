import { sessionKeyOf, UnknownOutcomeError, WeftError, type GraphQLDocument, type JsonObject } from "@weft/client";
import { useCallback, useMemo, useRef, useState } from "react";
import { useLatest } from "../live/stable.js";
import { useSession, useWeft } from "../provider/weft-provider.js";

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
  /** Session in which it ran, and what it was about. */
  readonly key: string;
  readonly isPending: boolean;
  readonly error: WeftError | null;
  readonly data: Result | null;
}

/**
 * Makes an action of a function.
 *
 * @param subject ID of what it changes. The outcome of another subject is not shown
 */
export function useWork<Input, Result>(work: Work<Input, Result>, subject = ""): Action<Input, Result> {
  const client = useWeft();
  const latest = useLatest(work);
  const key = `${sessionKeyOf(useSession())} ${subject}`;
  const [shown, show] = useState<Outcome<Result>>({ key, isPending: false, error: null, data: null });
  const running = useRef<{ readonly key: string; readonly result: Promise<Result | null> } | null>(null);
  // What has ended late must not hide what has begun since for something else.
  const finish = useCallback((outcome: Outcome<Result>) => show((before) => (before.key === outcome.key ? outcome : before)), []);
  const lost = useRef<{ readonly input: string; readonly key: string } | null>(null);

  const run = useCallback(
    (input: Input): Promise<Result | null> => {
      const began = `${sessionKeyOf(client.session.state)} ${subject}`;
      if (running.current?.key === began) return running.current.result;
      const attempt = async (): Promise<Result | null> => {
        show({ key: began, isPending: true, error: null, data: null });
        const text = JSON.stringify(input ?? null);
        // Repeated by the user after the answer was lost: the same call, which Weft executes once.
        const again = lost.current?.input === text ? lost.current.key : undefined;
        lost.current = null;
        try {
          const data = await latest.current(input, again);
          finish({ key: began, isPending: false, error: null, data });
          return data;
        } catch (problem) {
          const error = problem instanceof WeftError ? problem : null;
          if (error instanceof UnknownOutcomeError && error.idempotencyKey !== null)
            lost.current = { input: text, key: error.idempotencyKey };
          finish({ key: began, isPending: false, error, data: null });
          if (!error) throw problem;
          return null;
        } finally {
          if (running.current?.key === began) running.current = null;
        }
      };
      const result = attempt();
      running.current = { key: began, result };
      return result;
    },
    [client, latest, subject, finish],
  );
  const reset = useCallback(() => show((before) => ({ ...before, error: null, data: null })), []);
  // What belongs to the user before is not shown to the next one.
  const isOwn = shown.key === key;
  const isPending = isOwn && shown.isPending;
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
