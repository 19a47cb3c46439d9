import { setTimeout as delay } from "node:timers/promises";

/** A subscription that reconnects with its cursor when the server ends its connection, as clients do. */
export interface Watching {
  /** Close codes so far. */
  readonly closes: readonly number[];
  /** Tries a refused subscription again: its user can have the rights now. Does nothing if it is not refused. */
  retry(): void;
  stop(): void;
}

export interface WatchingOptions {
  readonly url: string;
  readonly token: string;
  /** A subscription with the variable `$after`. */
  readonly query: string;
  /** Called with each payload, of all its connections. Returns its cursor. Payloads are not kept. */
  readonly onPayload: (payload: unknown) => string | undefined;
  /** Cursor to start after. */
  readonly after: string;
}

/** What a connection reports. */
export interface Handlers {
  readonly onPayload: (payload: unknown) => void;
  /** A cursor that the transport has sent by itself, with a payload or without. */
  readonly onCursor: (cursor: string) => void;
  /** The subscription was refused. */
  readonly onRefused: () => void;
  /** The server has ended the connection. */
  readonly onClosed: (code: number) => void;
}

export interface ConnectOptions extends Pick<WatchingOptions, "url" | "token" | "query"> {
  /** Cursor to start after. */
  readonly cursor: string;
  /** Whether this is a later connection, which resumes as its transport does. */
  readonly isResuming: boolean;
}

/** Resolves with a function that closes the connection, when the subscription was sent. Rejects if that is not possible. */
export type Connect = (options: ConnectOptions, handlers: Handlers) => Promise<() => void>;

/** Resolves when the first subscription was sent. */
export async function watch({ onPayload, after, ...options }: WatchingOptions, open: Connect): Promise<Watching> {
  const closes: number[] = [];
  let cursor = after;
  let isResuming = false;
  let isRefused = false;
  let isStopped = false;
  let close = (): void => undefined;

  const connect = async (): Promise<void> => {
    // What a connection reports after it was given up does not count.
    let isCurrent = true;
    const giveUp = (): void => {
      isCurrent = false;
    };
    const handlers: Handlers = {
      onPayload: (payload) => {
        if (isCurrent) cursor = onPayload(payload) ?? cursor;
      },
      onCursor: (sent) => {
        if (isCurrent) cursor = sent;
      },
      onRefused: () => {
        if (!isCurrent) return;
        giveUp();
        isRefused = true;
        close();
      },
      onClosed: (code) => {
        if (!isCurrent) return;
        giveUp();
        closes.push(code);
        void reconnect();
      },
    };
    const opened = await open({ ...options, cursor, isResuming }, handlers);
    isResuming = true;
    close = () => {
      giveUp();
      opened();
    };
    if (isStopped || isRefused) close();
  };
  const reconnect = async (): Promise<void> => {
    while (!isStopped) {
      await delay(300);
      const isConnected = await connect().then(
        () => true,
        () => false,
      );
      if (isConnected) return;
    }
  };
  await connect();
  return {
    closes,
    retry: () => {
      if (!isRefused) return;
      isRefused = false;
      void reconnect();
    },
    stop: () => {
      isStopped = true;
      close();
    },
  };
}
