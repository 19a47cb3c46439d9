import type { GraphQLDocument, JsonObject, LiveStatus, WeftClient, WeftError } from "@weft/client";
import { sawEvent } from "../sla/server-time.js";
import { keyOf } from "../provider/weft-provider.js";

export interface LiveResult<Event> {
  /** The last event. Null before the first one, and after a logout. */
  readonly data: Event | null;
  /** Why the subscription has ended. */
  readonly error: WeftError | null;
  readonly status: LiveStatus;
}

export interface LiveEventsOptions<Event> {
  readonly client: WeftClient;
  readonly subscription: GraphQLDocument<Event, never>;
  readonly variables: () => JsonObject;
  readonly onEvent: (event: Event, errors: readonly WeftError[]) => void;
  readonly onGap: () => void;
}

/** A subscription that runs while something listens, in the shape that `useSyncExternalStore` expects. */
export interface LiveEvents<Event> {
  readonly state: () => LiveResult<Event>;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createLiveEvents<Event>(options: LiveEventsOptions<Event>): LiveEvents<Event> {
  const { client, subscription, variables, onEvent, onGap } = options;
  const listeners = new Set<() => void>();
  let key = keyOf(client.session.state);
  const empty = (): LiveResult<Event> => ({ data: null, error: null, status: key === null ? "signedOut" : "behind" });
  let state = empty();
  let stop: (() => void) | null = null;
  let endSession = (): void => {};
  let stopping: ReturnType<typeof setTimeout> | undefined;
  const show = (next: LiveResult<Event>): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const end = (): void => {
    stop?.();
    stop = null;
  };
  const begin = (isFirst: boolean): void => {
    if (stop || key === null) return;
    const { after, ...others } = variables();
    const began = key;
    const isCurrent = (): boolean => key === began;
    // A cursor of the user before is not for the next one.
    stop = client.subscribe(subscription, { ...others, ...(isFirst && after !== undefined && { after }) } as never, {
      next: (event, errors) => {
        sawEvent(client, event);
        show({ ...state, data: event });
        onEvent(event, errors);
      },
      gap: onGap,
      status: (status) => isCurrent() && show({ ...state, status }),
      error: (error) => isCurrent() && keyOf(client.session.state) === key && show({ ...state, error }),
    });
  };
  const onSession = (): void => {
    const now = keyOf(client.session.state);
    if (now === key) return;
    key = now;
    end();
    show(empty());
    begin(false);
  };
  return {
    state: () => state,
    subscribe: (listener) => {
      clearTimeout(stopping);
      if (listeners.size === 0) {
        endSession();
        endSession = client.session.subscribe(onSession);
      }
      listeners.add(listener);
      onSession();
      begin(true);
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
