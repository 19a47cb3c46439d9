import { setTimeout as delay } from "node:timers/promises";
import { openLive, type LiveClient } from "./live-client.js";

/** A subscription that reconnects with its cursor when its socket is closed, as clients do. */
export interface WatchingSocket {
  /** Payloads so far, of all its sockets. */
  readonly payloads: readonly unknown[];
  /** Close codes so far. */
  readonly closes: readonly number[];
  stop(): void;
}

export interface WatchingOptions {
  readonly url: string;
  readonly token: string;
  /** A subscription with the variable `$after`. */
  readonly query: string;
  readonly cursorOf: (payload: unknown) => string | undefined;
  /** Cursor to start after. */
  readonly after: string;
}

/** Resolves when the first subscription was sent. A refused subscription is tried again: its user can get the rights later. */
export async function watchOverSockets({ url, token, query, cursorOf, after }: WatchingOptions): Promise<WatchingSocket> {
  const payloads: unknown[] = [];
  const closes: number[] = [];
  let cursor = after;
  let client: LiveClient | undefined;
  let isStopped = false;

  const connect = async (): Promise<void> => {
    const opened = await openLive(url, { token });
    client = opened;
    opened.send({ type: "subscribe", id: "1", payload: { query, variables: { after: cursor } } });
    void follow(opened);
  };
  const follow = async (opened: LiveClient): Promise<void> => {
    let taken = 0;
    const take = (): boolean => {
      for (; taken < opened.messages.length; taken++) {
        const message = opened.messages[taken];
        if (message?.type === "error") return true;
        if (message?.type !== "next") continue;
        payloads.push(message.payload);
        cursor = cursorOf(message.payload) ?? cursor;
      }
      return false;
    };
    // Sees every message, and rejects when the socket is closed.
    await opened.message(take, 3_600_000).then(
      () => opened.close(),
      () => take(),
    );
    closes.push(await opened.closed());
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
    payloads,
    closes,
    stop: () => {
      isStopped = true;
      client?.close();
    },
  };
}
