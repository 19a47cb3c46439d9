/** The socket of a client: opened with its session, watched, and opened again when it breaks. */
import { createClient, type Client } from "graphql-ws";
import { WeftError } from "../errors.js";
import { backoffMs } from "../requests/retry.js";
import type { Access, Authenticator } from "../session/access.js";
import { isClose } from "./close.js";

/** The session had ended before the socket was opened. */
export class SignedOut extends Error {}

export interface SocketOptions {
  readonly url: string;
  readonly authenticator: Authenticator;
  /** How the application names itself. */
  readonly named: Readonly<Record<string, string>>;
  readonly webSocket?: unknown;
  /** Called with the ID of a subscription that has caught up, and the cursor from which it can be resumed. Null: that is not known. */
  readonly onLive: (id: string, cursor: string | null) => void;
  readonly onClosed: () => void;
  /** Called if the socket has been refused or cut several times before it was ever open. */
  readonly onFirstFailure: () => void;
  /** ID of the subscription that is sent next. */
  readonly newId: () => string;
}

export interface LiveSocket {
  readonly client: Pick<Client, "subscribe">;
  /** Looks at once whether the connection still works, or opens it if it waits to do so. */
  wake(): void;
  /** Closes the socket. Subscriptions must have ended. */
  close(): void;
}

/** Weft answers a ping at once. */
const keepAliveMs = 20_000;
const answerWithinMs = 10_000;
const connectWithinMs = 15_000;
/** After a restart of the server, its clients must not all come back in the same moment. */
const firstWaitMs = 300;

/** Attempts after which sockets are taken to be blocked. */
const failuresBeforeFallback = 2;

/** The code of a connection that this client has given up, because nothing answered. */
const terminated = 4_499;

const isCloseOfWeft = (event: unknown): boolean => isClose(event) && event.code >= 4_000 && event.code !== terminated;

export function openSocket({ url, authenticator, named, webSocket, onLive, onClosed, onFirstFailure, newId }: SocketOptions): LiveSocket {
  let socket: WebSocket | undefined;
  let access: Access | undefined;
  let refused: Access | undefined;
  let problem: unknown;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let wasConnected = false;
  let endWait = (): void => {};
  // A socket whose network has gone, or whose device slept, looks open until somebody waits for its answer.
  const expectAnswer = (withinMs: number): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => client.terminate(), withinMs);
  };
  const client: Client = createClient({
    ...(webSocket !== undefined && { webSocketImpl: webSocket }),
    generateID: newId,
    // Called for every connection. Weft closes a socket when its token expires, so the next one needs a new token; a cookie is sent with the handshake.
    url: async () => {
      problem = undefined;
      try {
        access = await authenticator.access(refused);
        refused = undefined;
      } catch (error) {
        // graphql-ws expects no failure here. It is thrown below.
        problem = error;
      }
      expectAnswer(connectWithinMs);
      return url;
    },
    connectionParams: () => {
      if (problem !== undefined) throw problem as Error;
      if (!access || access.id === null) throw new SignedOut();
      return {
        livePings: true,
        ...named,
        ...(named["weft-application"] !== undefined && { application: named["weft-application"] }),
        ...(access.authorization !== null && { authorization: access.authorization }),
      };
    },
    keepAlive: keepAliveMs,
    // Screens change: the next one can use the same socket.
    lazyCloseTimeout: 3_000,
    on: {
      opened: (opened) => void (socket = opened as WebSocket),
      connected: () => {
        wasConnected = true;
        clearTimeout(watchdog);
      },
      ping: (isReceived, payload) => {
        if (!isReceived) return expectAnswer(answerWithinMs);
        const { live, cursor = null } = (payload ?? {}) as { live?: string; cursor?: string | null };
        if (live !== undefined) onLive(live, cursor);
      },
      pong: (isReceived) => isReceived && clearTimeout(watchdog),
      closed: (event) => {
        clearTimeout(watchdog);
        socket = undefined;
        // The token has expired, or the user's rights have changed: the next connection needs a new token.
        if (isClose(event) && event.code === 4403) refused = access;
        onClosed();
        // A close by Weft has a code of its own: the socket did get through.
        if (!wasConnected && !isCloseOfWeft(event) && ++failures === failuresBeforeFallback) onFirstFailure();
      },
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (error) => (error instanceof WeftError ? error.isRetryable : !(error instanceof SignedOut)),
    retryWait: (attempt) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, attempt === 0 ? Math.random() * firstWaitMs : backoffMs(attempt));
        endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  });
  return {
    client,
    wake: () => {
      endWait();
      if (socket?.readyState !== 1) return;
      socket.send('{"type":"ping"}');
      expectAnswer(answerWithinMs / 2);
    },
    close: () => {
      clearTimeout(watchdog);
      endWait();
      // It rejects if the socket was not open yet.
      Promise.resolve(client.dispose()).catch(() => undefined);
    },
  };
}
