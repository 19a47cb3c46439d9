/** Looks from time to time whether WebSockets get through again. */
export interface SocketProbeOptions {
  /** Of WebSockets. */
  readonly url: string;
  readonly webSocket?: unknown;
  /** How long to wait before the first attempt. Each later wait is twice as long, up to an hour. */
  readonly firstWaitMs: number;
  /** Called once, when a WebSocket could be opened. */
  readonly onOpen: () => void;
}

const longestWaitMs = 3_600_000;
const openWithinMs = 15_000;

/**
 * Opens a WebSocket after a while, and again until one opens. It is closed at once: whoever waits for it goes on without interruption meanwhile. Returns a
 * function that ends this.
 */
export function probeSockets({ url, webSocket, firstWaitMs, onOpen }: SocketProbeOptions): () => void {
  const Socket = (webSocket ?? WebSocket) as typeof WebSocket;
  let timer: ReturnType<typeof setTimeout>;
  let socket: WebSocket | undefined;
  const wait = (ms: number): void => {
    // Clients that a restart of the server has cut off together must not all come back in the same moment.
    timer = setTimeout(() => attempt(ms), Math.min(ms, longestWaitMs) * (0.75 + Math.random() / 2));
    // Only in Node.js, whose process must not wait for it.
    (timer as { unref?: () => void }).unref?.();
  };
  const attempt = (waitedMs: number): void => {
    const opening = (socket = new Socket(url, "graphql-transport-ws"));
    timer = setTimeout(() => opening.close(), openWithinMs);
    opening.onopen = () => {
      stop();
      onOpen();
    };
    // Otherwise, the package `ws` throws it.
    opening.onerror = () => {};
    opening.onclose = () => {
      clearTimeout(timer);
      if (opening === socket) wait(2 * waitedMs);
    };
  };
  const stop = (): void => {
    clearTimeout(timer);
    const last = socket;
    socket = undefined;
    last?.close();
  };
  wait(firstWaitMs);
  return stop;
}
