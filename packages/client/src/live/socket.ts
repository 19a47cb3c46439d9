/** The socket of a client: opened with its session, watched, and opened again when it breaks. */
import { createClient, type Client } from "graphql-ws";
import { WeftError } from "../errors.js";
import { backoffMs } from "../requests/retry.js";
import type { Access, Authenticator } from "../session/access.js";
import type { BlockedSockets } from "./blocked-sockets.js";
import { isClose } from "./close.js";
import { neverThrows } from "./never-throws.js";

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
  /** Finds out whether sockets get through. */
  readonly blocked: BlockedSockets;
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

/** This client has given up the connection because nothing answered, or Weft has because the first message did not arrive. */
const silentCodes = new Set([4_499, 4_408]);
/** Closes of WebSockets that proxies do not know: in order, because the server restarts, and because it cannot serve its clients now. */
const closesInOrder = new Set([1_000, 1_012, 1_013]);

/** Whether Weft or this client has closed the socket. The codes of Weft begin at 4000. */
const isInOrder = (event: unknown): boolean =>
  isClose(event) && (closesInOrder.has(event.code) || (event.code >= 4_000 && !silentCodes.has(event.code)));

export function openSocket({ url, authenticator, named, webSocket, onLive, onClosed, blocked, newId }: SocketOptions): LiveSocket {
  let socket: WebSocket | undefined;
  let access: Access | undefined;
  let refused: Access | undefined;
  let problem: unknown;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let endWait = (): void => {};
  // A socket whose network has gone, or whose device slept, looks open until somebody waits for its answer.
  const expectAnswer = (withinMs: number): void => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => client.terminate(), withinMs);
  };
  const client: Client = createClient({
    webSocketImpl: neverThrows((webSocket ?? WebSocket) as typeof WebSocket),
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
      connected: () => clearTimeout(watchdog),
      ping: (isReceived, payload) => {
        if (!isReceived) return expectAnswer(answerWithinMs);
        const { live, cursor = null } = (payload ?? {}) as { live?: string; cursor?: string | null };
        if (live !== undefined) onLive(live, cursor);
      },
      pong: (isReceived) => {
        if (!isReceived) return;
        clearTimeout(watchdog);
        blocked.answered();
      },
      closed: (event) => {
        clearTimeout(watchdog);
        socket = undefined;
        // The token has expired, or the user's rights have changed: the next connection needs a new token.
        if (isClose(event) && event.code === 4403) refused = access;
        onClosed();
        blocked.closed(isInOrder(event));
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
