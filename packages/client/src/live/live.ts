/** Subscriptions that reconnect, and resume where they stopped. */
import { shapeOf, type JsonObject } from "../document.js";
import { BadUserInputError, errorsOf, UnauthenticatedError, WeftError, type ErrorAnswer } from "../errors.js";
import { newKey } from "../requests/idempotency.js";
import { backoffMs } from "../requests/retry.js";
import type { Authenticator } from "../session/access.js";
import { errorOfClose, isClose, signedOut } from "./close.js";
import { openSocket, SignedOut, type LiveSocket } from "./socket.js";

/**
 * `behind`: not connected, or events that happened meanwhile are still to come. `live`: every event so far was delivered, and new ones arrive as they
 * happen. `signedOut`: the session has ended, and the subscription with it.
 */
export type LiveStatus = "behind" | "live" | "signedOut";

export interface LiveObserver<Result> {
  /** Called with each event, in their order, and once. `errors` are those of fields that are null for that reason. */
  readonly next: (data: Result, errors: readonly WeftError[]) => void;
  /** Called once, at the end, if Weft refuses the subscription, or the session has ended. */
  readonly error: (error: WeftError) => void;
  /** Called at the beginning, with `behind`, and after each change. */
  readonly status?: ((status: LiveStatus) => void) | undefined;
  /**
   * Called when events may have been missed, so that data must be loaded again: the connection was away for longer than Weft keeps events, or the
   * subscription has no variable `$after` or does not select `cursor`. Events from now on follow.
   */
  readonly gap?: (() => void) | undefined;
}

export interface Live {
  /** @throws TypeError if the subscription can neither resume nor tell of gaps */
  subscribe(text: string, variables: JsonObject, observer: LiveObserver<unknown>): () => void;
  /** Ends all subscriptions without a call, and closes the socket. */
  close(): void;
}

export interface LiveOptions {
  readonly url: string;
  readonly authenticator: Authenticator;
  readonly webSocket?: unknown;
  /** Called when Weft says that the session is over. */
  readonly onRevoked: () => void;
  /** Identifies the login. Null: nobody is logged in. */
  readonly sessionKey: () => string | null;
  /** Calls the listener after each change of the session. Returns a function that ends this. */
  readonly onSession: (listener: () => void) => () => void;
}

interface Ongoing {
  readonly id: string;
  readonly text: string;
  /** graphql-ws sends this object after each connection, so the cursor is kept up to date in it. */
  readonly variables: Record<string, unknown>;
  readonly observer: LiveObserver<unknown>;
  readonly canResume: boolean;
  status: LiveStatus | null;
  /** Whether it was live once, so that what it misses from then on is a gap. */
  wasLive: boolean;
  hasGap: boolean;
  attempts: number;
  /** Ends the current attempt, or the wait for the next one. */
  stop: () => void;
}

/** Whether Weft has deleted events after the cursor. */
const isTooOld = (error: WeftError): boolean => error instanceof BadUserInputError && error.problems.some(({ path }) => path === "after");

export function createLive({ url, authenticator, webSocket, onRevoked, sessionKey, onSession }: LiveOptions): Live {
  const all = new Map<string, Ongoing>();
  let socket: LiveSocket | undefined;
  let nextId = "";
  let key = sessionKey();

  const tell = (one: Ongoing, status: LiveStatus): void => {
    if (one.status === status || !all.has(one.id)) return;
    one.status = status;
    one.observer.status?.(status);
  };
  const end = (one: Ongoing, error?: WeftError): void => {
    if (!all.has(one.id)) return;
    if (error instanceof UnauthenticatedError) tell(one, "signedOut");
    all.delete(one.id);
    one.stop();
    if (error) one.observer.error(error);
  };
  const close = (error?: WeftError): void => {
    for (const one of all.values()) end(one, error);
    void socket?.client.dispose();
    socket = undefined;
  };
  const endSession = onSession(() => {
    if (sessionKey() === key) return;
    key = sessionKey();
    // Another user's events must not follow this user's.
    close(signedOut());
  });
  const onLive = (id: string, cursor: string | null): void => {
    const one = all.get(id);
    if (!one) return;
    if (one.canResume && cursor !== null) one.variables["after"] = cursor;
    one.attempts = 0;
    one.wasLive = true;
    tell(one, "live");
    // After the subscription has begun again: what happens while the data is loaded follows as an event.
    if (one.hasGap) one.observer.gap?.();
    one.hasGap = false;
  };
  const onClosed = (): void => {
    for (const one of all.values()) {
      if (one.wasLive && (one.variables["after"] ?? null) === null) one.hasGap = true;
      tell(one, "behind");
    }
  };
  const again = (one: Ongoing, error: WeftError | null): void => {
    const timer = setTimeout(() => start(one), error?.retryAfterMs ?? backoffMs(one.attempts++));
    one.stop = () => clearTimeout(timer);
  };
  const failed = (one: Ongoing, problem: unknown): void => {
    if (!all.has(one.id)) return;
    tell(one, "behind");
    if (problem instanceof SignedOut) return end(one, signedOut());
    if (isClose(problem)) {
      const error = errorOfClose(problem);
      if (error instanceof UnauthenticatedError) onRevoked();
      // Unless that has ended it: a client with an API key has no session.
      return end(one, error);
    }
    if (problem instanceof WeftError) return end(one, problem);
    const [error] = Array.isArray(problem) ? errorsOf(problem as ErrorAnswer[]) : [];
    if (!error)
      return end(one, new WeftError({ message: "The subscription failed.", extensions: { code: "UNKNOWN" } }, { cause: problem }));
    if (isTooOld(error) && one.observer.gap) {
      delete one.variables["after"];
      one.hasGap = true;
      return start(one);
    }
    if (error.isRetryable) return again(one, error);
    end(one, error);
  };
  const start = (one: Ongoing): void => {
    socket ??= openSocket({ url, authenticator, webSocket, onLive, onClosed, newId: () => nextId });
    nextId = one.id;
    one.stop = socket.client.subscribe<Record<string, unknown>>(
      { query: one.text, variables: one.variables },
      {
        next: ({ data, errors = [] }) => {
          if (!all.has(one.id)) return;
          const [payload] = Object.values(data ?? {}) as ({ cursor?: unknown } | null)[];
          if (one.canResume && typeof payload?.cursor === "string") one.variables["after"] = payload.cursor;
          one.observer.next(data, errorsOf(errors));
        },
        error: (problem) => failed(one, problem),
        // Weft ends no subscription without an error.
        complete: () => all.has(one.id) && again(one, null),
      },
    );
  };
  const wake = (): void => {
    if (typeof document === "undefined" || document.visibilityState === "visible") socket?.wake();
  };
  const isPage = typeof document !== "undefined" && typeof addEventListener !== "undefined";
  if (isPage) {
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
  }

  return {
    subscribe: (text, variables, observer) => {
      const canResume = shapeOf(text).variables.has("after");
      if (!observer.gap && !(canResume && /\bcursor\b/.test(text)))
        throw new TypeError(
          "This subscription cannot resume after a disconnect. Declare the variable `$after: String`, pass it as `after`, and select `cursor`; or pass `gap`, and load the data again when it is called.",
        );
      const one: Ongoing = {
        id: newKey(),
        text,
        variables: { ...variables },
        observer,
        canResume,
        status: null,
        wasLive: false,
        hasGap: false,
        attempts: 0,
        stop: () => {},
      };
      all.set(one.id, one);
      tell(one, "behind");
      start(one);
      return () => end(one);
    },
    close: () => {
      endSession();
      if (isPage) {
        removeEventListener("online", wake);
        document.removeEventListener("visibilitychange", wake);
      }
      close();
    },
  };
}
