import { sessionKeyOf, type WeftClient } from "@weft/client";

export interface Work {
  /** Called when something begins to listen. What runs already goes on. */
  readonly begin: () => void;
  /** Called when nothing listens any more, and before another user's turn. */
  readonly end: () => void;
  /** Called after `end` when the user has changed: what a user has seen, the next one must not see. */
  readonly onUser: (isListened: boolean) => void;
}

export interface WhileListened {
  /** Key of the session for which it runs. Null: nobody is logged in. */
  readonly key: () => string | null;
  readonly notify: () => void;
  /** In the shape that `useSyncExternalStore` expects. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Lets work run while something listens, for the user who is logged in. */
export function whileListened({ session }: Pick<WeftClient, "session">, { begin, end, onUser }: Work): WhileListened {
  const listeners = new Set<() => void>();
  let key = sessionKeyOf(session.state);
  let endSession = (): void => {};
  let stopping: ReturnType<typeof setTimeout> | undefined;
  const onSession = (): void => {
    const now = sessionKeyOf(session.state);
    if (now === key) return;
    key = now;
    end();
    onUser(listeners.size > 0);
  };
  return {
    key: () => key,
    notify: () => {
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      clearTimeout(stopping);
      if (listeners.size === 0) {
        endSession();
        endSession = session.subscribe(onSession);
      }
      listeners.add(listener);
      onSession();
      begin();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        // StrictMode leaves and comes back at once, and that must not open a second subscription.
        stopping = setTimeout(() => {
          if (listeners.size > 0) return;
          endSession();
          end();
        });
      };
    },
  };
}
