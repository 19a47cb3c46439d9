/** Looks from time to time whether WebSockets get through again. */
import { parsed } from "../requests/http.js";
import type { Clock } from "./clock.js";
import { neverThrows } from "./never-throws.js";

export interface SocketProbeOptions {
  /** Of WebSockets. */
  readonly url: string;
  readonly webSocket?: unknown;
  /** How long to wait before the first attempt. Each later wait is twice as long, up to an hour. */
  readonly firstWaitMs: number;
  /** Called when Weft has answered over a WebSocket. No attempt follows until `start` is called again. */
  readonly onAnswer: () => void;
  readonly clock: Clock;
}

export interface SocketProbe {
  /** Begins to wait for the next attempt, or continues after `stop`: the time meanwhile counts. */
  start(): void;
  /** Ends the attempt and the wait. */
  stop(): void;
  /** From now on, waits are as short as at first. */
  reset(): void;
}

const longestWaitMs = 3_600_000;
const answerWithinMs = 15_000;

/**
 * Opens a WebSocket after a while, and again until Weft answers over one: a proxy can let a WebSocket be opened, and then let nothing through. Weft
 * answers a ping before anybody has logged in. The socket is closed then: whoever waits for it continues without interruption meanwhile.
 */
export function createSocketProbe({ url, webSocket, firstWaitMs, onAnswer, clock }: SocketProbeOptions): SocketProbe {
  let waitMs = firstWaitMs;
  let dueAt: number | undefined;
  let isStarted = false;
  let endWait = (): void => {};
  let socket: WebSocket | undefined;

  const stop = (): void => {
    isStarted = false;
    endWait();
    const last = socket;
    socket = undefined;
    last?.close();
  };
  const wait = (): void => {
    // Clients that a restart of the server has cut off together must not all come back in the same moment.
    dueAt ??= clock.now() + waitMs * (0.75 + Math.random() / 2);
    endWait = clock.after(Math.max(dueAt - clock.now(), 0), attempt);
  };
  const again = (): void => {
    endWait();
    socket = undefined;
    wait();
  };
  const attempt = (): void => {
    waitMs = Math.min(2 * waitMs, longestWaitMs);
    dueAt = undefined;
    const Socket = neverThrows((webSocket ?? WebSocket) as typeof WebSocket);
    const opening = (socket = new Socket(url, "graphql-transport-ws"));
    const isCurrent = (): boolean => opening === socket;
    endWait = clock.after(answerWithinMs, () => {
      // A socket that nobody answers can take long to close.
      again();
      opening.close();
    });
    opening.onopen = () => opening.send('{"type":"ping"}');
    opening.onmessage = ({ data }) => {
      if (!isCurrent() || parsed(String(data))?.["type"] !== "pong") return;
      stop();
      onAnswer();
    };
    // Otherwise, the package `ws` throws it.
    opening.onerror = () => {};
    opening.onclose = () => isCurrent() && again();
  };
  return {
    start: () => {
      if (isStarted) return;
      isStarted = true;
      wait();
    },
    stop,
    reset: () => {
      waitMs = firstWaitMs;
      dueAt = undefined;
    },
  };
}
