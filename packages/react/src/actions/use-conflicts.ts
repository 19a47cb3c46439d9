import { ConflictError } from "@weft/client";
import { useCallback, useState } from "react";
import { useLatest } from "../live/stable.js";

/** Somebody else was faster: nothing was written. */
export interface Conflict<Data> {
  readonly error: ConflictError;
  /** What the user saw. */
  readonly before: Data | null;
  /** What is there now. Null if the user can no longer see it, or it could not be loaded. */
  readonly now: Data | null;
}

export interface Conflicts<Data> {
  readonly conflict: Conflict<Data> | null;
  readonly dismiss: () => void;
  /** Runs a change, and loads the data again after it. After a conflict, keeps what was there before and what is there now. */
  readonly guard: <Result>(change: () => Promise<Result>) => Promise<Result>;
}

export function useConflicts<Data>({ shown, reload }: { shown: Data | null; reload: () => Promise<Data | null> }): Conflicts<Data> {
  const [kept, setKept] = useState<{ readonly of: unknown; readonly conflict: Conflict<Data> } | null>(null);
  const latest = useLatest({ shown, reload });
  const guard = useCallback(
    async <Result>(change: () => Promise<Result>): Promise<Result> => {
      const { shown: before, reload: load } = latest.current;
      setKept(null);
      try {
        const result = await change();
        void load();
        return result;
      } catch (error) {
        if (error instanceof ConflictError) setKept({ of: load, conflict: { error, before, now: await load() } });
        throw error;
      }
    },
    [latest],
  );
  const dismiss = useCallback(() => setKept(null), []);
  // That of another object is not shown.
  const conflict = kept?.of === reload ? kept.conflict : null;
  return { conflict, dismiss, guard };
}
