import { sessionKeyOf, type GraphQLDocument, type JsonObject, type LiveStatus, type WeftClient, type WeftError } from "@weft/client";
import { sawEvent } from "../sla/server-time.js";
import { whileListened } from "./while-listened.js";

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
  const empty = (): LiveResult<Event> => ({ data: null, error: null, status: listening.key() === null ? "signedOut" : "behind" });
  let stop: (() => void) | null = null;
  const show = (next: LiveResult<Event>): void => {
    state = next;
    listening.notify();
  };
  const end = (): void => {
    stop?.();
    stop = null;
  };
  const begin = (isFirst: boolean): void => {
    const began = listening.key();
    if (stop || began === null) return;
    const { after, ...others } = variables();
    const isCurrent = (): boolean => listening.key() === began;
    // A cursor of the user before is not for the next one.
    stop = client.subscribe(subscription, { ...others, ...(isFirst && after !== undefined && { after }) } as never, {
      next: (event, errors) => {
        sawEvent(client, event);
        show({ ...state, data: event });
        onEvent(event, errors);
      },
      gap: onGap,
      status: (status) => isCurrent() && show({ ...state, status }),
      error: (error) => isCurrent() && sessionKeyOf(client.session.state) === began && show({ ...state, error }),
    });
  };
  const listening = whileListened(client, {
    begin: () => begin(true),
    end,
    onUser: () => {
      show(empty());
      begin(false);
    },
  });
  let state = empty();
  return { state: () => state, subscribe: listening.subscribe };
}
