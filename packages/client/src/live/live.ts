/** Subscriptions that reconnect, and resume where they stopped. */
import { callSafely } from "../call-safely.js";
import { shapeOf, type JsonObject } from "../document.js";
import { BadUserInputError, errorsOf, UnauthenticatedError, WeftError, type ErrorAnswer } from "../errors.js";
import { newKey } from "../requests/idempotency.js";
import { isRefusalOfProxy, type Fetch } from "../requests/http.js";
import { backoffMs } from "../requests/retry.js";
import type { Authenticator } from "../session/access.js";
import { answersOverHttp, watchSockets } from "./blocked-sockets.js";
import { systemClock, type Clock } from "./clock.js";
import { errorOfClose, isClose, signedOut } from "./close.js";
import { createSocketProbe } from "./socket-probe.js";
import { openSocket, SignedOut, type LiveSocket } from "./socket.js";
import { openStreams } from "./streams.js";

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
  /** Called if the client is closed. */
  readonly complete?: (() => void) | undefined;
}

export interface Live {
  /** @throws TypeError if the subscription can neither resume nor tell of gaps, or the client is closed */
  subscribe(text: string, variables: JsonObject, observer: LiveObserver<unknown>): () => void;
  /** Ends all subscriptions, and closes the socket. */
  close(): void;
}

export interface LiveOptions {
  /** Over HTTP. */
  readonly url: string;
  /** Undefined: WebSocket, or HTTP where no WebSocket gets through. */
  readonly transport?: "websocket" | "sse" | undefined;
  /** How long to stay with HTTP where no WebSocket got through, before trying again. */
  readonly retryWebSocketAfterMs: number;
  readonly fetch: Fetch;
  /** What stands for a text in a request. */
  readonly payloadOf: (text: string) => { readonly query: string };
  readonly authenticator: Authenticator;
  /** How the application names itself. */
  readonly named: Readonly<Record<string, string>>;
  readonly webSocket?: unknown;
  /** Called when Weft says that the session of this key is over. */
  readonly onRevoked: (sessionKey: string | null) => void;
  /** Identifies the login. Null: nobody is logged in. */
  readonly sessionKey: () => string | null;
  /** Calls the listener after each change of the session. Returns a function that ends this. */
  readonly onSession: (listener: () => void) => () => void;
  /** Extensions of a subscription that begins now. */
  readonly extensions: () => JsonObject | undefined;
  /** Whether the extensions that were sent were refused, and the next ones are others. */
  readonly areTokensRefused: (error: WeftError, sent: JsonObject | undefined) => boolean;
  readonly clock?: Clock;
}

interface Ongoing {
  /** ID of the current attempt. graphql-ws forgets the listener of an ID when its attempt ends, even if another one has begun with the same ID. */
  id: string;
  readonly text: string;
  /** graphql-ws sends this object after each connection, so the cursor is kept up to date in it. */
  readonly variables: Record<string, unknown>;
  readonly observer: LiveObserver<unknown>;
  /** Whether `variables.after` is the position of what was delivered. */
  canResume: boolean;
  status: LiveStatus | null;
  /** Whether it was live once, so that what it misses from then on is a gap. */
  wasLive: boolean;
  hasGap: boolean;
  attempts: number;
  /** Time since which a proxy has refused what it let through before. Undefined: it has not. */
  refusedSince: number | undefined;
  /** Extensions of the current attempt. */
  sent: JsonObject | undefined;
  /** Ends the current attempt, or the wait for the next one. */
  stop: () => void;
}

/** A proxy can answer 404 or 403 for a while, when the server behind it is replaced. */
const refusedForMs = 120_000;

/** Whether Weft has deleted events after the cursor. */
const isTooOld = (error: WeftError): boolean => error instanceof BadUserInputError && error.problems.some(({ path }) => path === "after");

const hasWebSocket = (webSocket: unknown): boolean => webSocket !== undefined || typeof WebSocket !== "undefined";

export function createLive(options: LiveOptions): Live {
  const {
    url,
    transport,
    retryWebSocketAfterMs,
    payloadOf,
    authenticator,
    named,
    webSocket,
    onRevoked,
    sessionKey,
    onSession,
    extensions,
    areTokensRefused,
    clock = systemClock,
  } = options;
  const all = new Set<Ongoing>();
  let socket: LiveSocket | undefined;
  let nextId = "";
  let key = sessionKey();
  let isClosed = false;
  const isAlwaysOverHttp = transport === "sse" || (transport === undefined && !hasWebSocket(webSocket));
  let isOverHttp = isAlwaysOverHttp;
  const socketUrl = url.replace(/^http/, "ws");
  const probe = createSocketProbe({
    url: socketUrl,
    webSocket,
    firstWaitMs: retryWebSocketAfterMs,
    onAnswer: () => changeTo("websocket"),
    clock,
  });

  const tell = (one: Ongoing, status: LiveStatus): void => {
    if (one.status === status || !all.has(one)) return;
    one.status = status;
    callSafely(() => one.observer.status?.(status));
  };
  const end = (one: Ongoing, error?: WeftError): void => {
    if (!all.has(one)) return;
    if (error instanceof UnauthenticatedError) tell(one, "signedOut");
    all.delete(one);
    one.stop();
    if (all.size === 0) probe.stop();
    if (error) callSafely(() => one.observer.error(error));
  };
  const closeSocket = (): void => {
    socket?.close();
    socket = undefined;
  };
  const endSession = onSession(() => {
    if (sessionKey() === key) return;
    key = sessionKey();
    // Another user's events must not follow this user's.
    for (const one of all) end(one, signedOut());
    closeSocket();
  });
  const onLive = (id: string, cursor: string | null): void => {
    const one = [...all].find((each) => each.id === id);
    if (!one) return;
    if (one.canResume && cursor !== null) one.variables["after"] = cursor;
    one.attempts = 0;
    one.refusedSince = undefined;
    one.wasLive = true;
    tell(one, "live");
    // After the subscription has begun again: what happens while the data is loaded follows as an event.
    if (one.hasGap) callSafely(() => one.observer.gap?.());
    one.hasGap = false;
  };
  const interrupted = (one: Ongoing): void => {
    if (one.wasLive && (one.variables["after"] ?? null) === null) one.hasGap = true;
    tell(one, "behind");
  };
  const again = (one: Ongoing, waitMs: number): void => {
    interrupted(one);
    one.stop = clock.after(waitMs, () => start(one));
  };
  const failed = (one: Ongoing, problem: unknown, ofKey: string | null): void => {
    if (!all.has(one)) return;
    if (problem instanceof SignedOut) return end(one, signedOut());
    if (isClose(problem)) {
      const error = errorOfClose(problem);
      if (error instanceof UnauthenticatedError) onRevoked(ofKey);
      // Unless that has ended it: a client with an API key has no session.
      return end(one, error);
    }
    if (problem instanceof WeftError) {
      if (one.wasLive && isRefusalOfProxy(problem)) {
        one.refusedSince ??= clock.now();
        if (clock.now() - one.refusedSince < refusedForMs) return again(one, backoffMs(one.attempts++));
      }
      return end(one, problem);
    }
    const [error] = Array.isArray(problem) ? errorsOf(problem as ErrorAnswer[]) : [];
    if (!error)
      return end(one, new WeftError({ message: "The subscription failed.", extensions: { code: "UNKNOWN" } }, { cause: problem }));
    if (areTokensRefused(error, one.sent)) return again(one, 0);
    if (isTooOld(error) && one.observer.gap) {
      delete one.variables["after"];
      one.hasGap = true;
      return again(one, 0);
    }
    if (error.isRetryable) return again(one, error.retryAfterMs ?? backoffMs(one.attempts++));
    end(one, error);
  };
  const next = (one: Ongoing, data: unknown, errors: readonly WeftError[]): void => {
    const [payload] = Object.values(data ?? {}) as ({ cursor?: unknown } | null)[];
    if (typeof payload?.cursor !== "string") {
      // The document does not select it after all.
      one.canResume &&= payload === null || payload === undefined;
      if (!one.canResume) delete one.variables["after"];
    } else if (one.canResume) one.variables["after"] = payload.cursor;
    callSafely(() => one.observer.next(data, errors));
  };
  const changeTo = (next: "websocket" | "sse"): void => {
    isOverHttp = next === "sse";
    const ongoing = [...all];
    for (const one of ongoing) one.stop();
    closeSocket();
    if (isOverHttp && ongoing.length > 0) probe.start();
    // These may subscribe, end subscriptions, or close the client.
    for (const one of ongoing) interrupted(one);
    for (const one of ongoing) start(one);
  };
  const open = (): LiveSocket => {
    const shared = { authenticator, named, onLive, newId: () => nextId };
    if (isOverHttp)
      return openStreams({
        ...shared,
        url,
        fetch: options.fetch,
        onClosed: (id) => {
          for (const one of all) if (one.id === id) interrupted(one);
        },
      });
    const blocked = watchSockets({
      answersOverHttp: async () => transport === undefined && answersOverHttp(options),
      onBlocked: () => {
        if (socket === opened) changeTo("sse");
      },
      onProven: () => probe.reset(),
    });
    const opened: LiveSocket = openSocket({
      ...shared,
      url: socketUrl,
      webSocket,
      blocked,
      onClosed: () => {
        // The one of the user before can close late.
        if (socket === opened) for (const one of all) interrupted(one);
      },
    });
    return opened;
  };
  const start = (one: Ongoing): void => {
    if (!all.has(one)) return;
    socket ??= open();
    const ofKey = key;
    const id = (nextId = one.id = newKey());
    const isCurrent = (): boolean => all.has(one) && one.id === id;
    one.sent = extensions();
    one.stop = socket.client.subscribe<Record<string, unknown>>(
      { ...payloadOf(one.text), variables: one.variables, extensions: one.sent ?? null },
      {
        next: ({ data, errors = [] }) => isCurrent() && next(one, data, errorsOf(errors)),
        error: (problem) => isCurrent() && failed(one, problem, ofKey),
        // Weft ends no subscription without an error.
        complete: () => isCurrent() && again(one, backoffMs(one.attempts++)),
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
      if (isClosed) throw new TypeError("The client is closed.");
      if (!isOverHttp && !hasWebSocket(webSocket))
        throw new TypeError(
          "Node.js before version 22 has no WebSocket. Pass the class of the package `ws` as `webSocket` to createWeftClient, or leave out `transport`.",
        );
      const shape = shapeOf(text);
      const canResume = shape.variables.has("after") && (shape.selectsCursor || text.includes("..."));
      if (!observer.gap && !canResume)
        throw new TypeError(
          "This subscription cannot resume after a disconnect. Declare the variable `$after: String`, pass it as `after`, and select `cursor`; or pass `gap`, and load the data again when it is called.",
        );
      const one: Ongoing = {
        id: "",
        text,
        variables: { ...variables },
        observer,
        canResume,
        status: null,
        wasLive: false,
        hasGap: false,
        attempts: 0,
        refusedSince: undefined,
        sent: undefined,
        stop: () => {},
      };
      all.add(one);
      if (isOverHttp && !isAlwaysOverHttp) probe.start();
      tell(one, "behind");
      start(one);
      return () => end(one);
    },
    close: () => {
      isClosed = true;
      probe.stop();
      endSession();
      if (isPage) {
        removeEventListener("online", wake);
        document.removeEventListener("visibilitychange", wake);
      }
      for (const one of all) {
        end(one);
        callSafely(() => one.observer.complete?.());
      }
      closeSocket();
    },
  };
}
