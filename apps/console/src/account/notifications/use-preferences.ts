import { WeftError } from "@weft/client";
import { useWeft } from "@weft/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { readFragment } from "../../gql";
import { useLoaded } from "../../parts/use-loaded";
import { inverseOf, withChange, type Change } from "./changes";
import { preferencesFields, preferencesQuery, updatePreferences, type Preferences } from "./preference-operations";

interface PreferencesState {
  /** With the changes that are being saved. Null while they are loaded. */
  readonly preferences: Preferences | null;
  readonly error: WeftError | null;
  /** Saves a change at once. */
  readonly change: (change: Change) => void;
  /** Restores what the last change has replaced. Null if there is none. */
  readonly undo: (() => void) | null;
  /** What was done last, for a line that says so. */
  readonly done: "saved" | "undone" | null;
  readonly reload: () => void;
}

/** The user's preferences, which are shown as changed before they are saved. Changes are saved one after the other. */
export function usePreferences(): PreferencesState {
  const client = useWeft();
  const saved = useRef<Preferences | null>(null);
  const [shown, show] = useState<Preferences | null>(null);
  const [pending, setPending] = useState<readonly Change[]>([]);
  const [failure, setFailure] = useState<WeftError | null>(null);
  const [last, setLast] = useState<{ readonly inverse: Change; readonly isUndo: boolean } | null>(null);
  const work = useRef(Promise.resolve());
  const keep = (next: Preferences | null): void => {
    saved.current = next;
    show(next);
  };
  const { error, reload } = useLoaded(
    preferencesQuery,
    {},
    { onLoaded: ({ notificationPreferences: found }) => keep(found && readFragment(preferencesFields, found)) },
  );
  const later = useCallback((next: () => Promise<void>): void => {
    const before = work.current;
    const run = async (): Promise<void> => {
      await before.catch(() => undefined);
      await next();
    };
    work.current = run();
  }, []);
  const save = (change: Change, isUndo: boolean): void => {
    setPending((before) => [...before, change]);
    setFailure(null);
    later(async () => {
      const before = saved.current;
      try {
        const { updateNotificationPreferences: done } = await client.mutate(updatePreferences, { input: change });
        if (done) keep(readFragment(preferencesFields, done.notificationPreferences));
        if (before) setLast({ inverse: inverseOf(before, change), isUndo });
      } catch (problem) {
        if (!(problem instanceof WeftError)) throw problem;
        setFailure(problem);
      } finally {
        setPending((changes) => changes.filter((one) => one !== change));
      }
    });
  };
  // The API has no event for them: what was changed elsewhere is there when the user comes back.
  useEffect(() => {
    const onVisible = (): void => {
      if (document.visibilityState === "visible") later(reload);
    };
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, [later, reload]);
  return {
    preferences: shown && pending.reduce(withChange, shown),
    error: failure ?? error,
    change: (change) => save(change, false),
    undo: last === null || last.isUndo || pending.length > 0 ? null : () => save(last.inverse, true),
    done: last === null || pending.length > 0 ? null : last.isUndo ? "undone" : "saved",
    reload: () => later(reload),
  };
}
