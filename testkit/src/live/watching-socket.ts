import { setTimeout as delay } from "node:timers/promises";
import WebSocket from "ws";

/** A subscription that reconnects with its cursor when its socket is closed, as clients do. */
export interface WatchingSocket {
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
  /** Called with each payload, of all its sockets. Returns its cursor. Payloads are not kept. */
  readonly onPayload: (payload: unknown) => string | undefined;
  /** Cursor to start after. */
  readonly after: string;
}

/** Resolves when the first subscription was sent. */
export async function watchOverSockets({ url, token, query, onPayload, after }: WatchingOptions): Promise<WatchingSocket> {
  const closes: number[] = [];
  let cursor = after;
  let socket: WebSocket | undefined;
  let isRefused = false;
  let isStopped = false;

  /** Resolves when the subscription was sent. Rejects if the socket was closed before. */
  const connect = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const opened = new WebSocket(`${url.replace(/^http/, "ws")}/graphql`, "graphql-transport-ws");
      socket = opened;
      let isSubscribed = false;
      const send = (message: unknown): void => opened.send(JSON.stringify(message));
      opened.on("open", () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
      opened.on("message", (data: Buffer) => {
        const { type, payload } = JSON.parse(data.toString("utf8")) as { readonly type: string; readonly payload?: unknown };
        if (type === "connection_ack") {
          send({ type: "subscribe", id: "1", payload: { query, variables: { after: cursor } } });
          isSubscribed = true;
          resolve();
        } else if (type === "next") cursor = onPayload(payload) ?? cursor;
        else if (type === "error") {
          isRefused = true;
          opened.terminate();
        }
      });
      opened.on("error", reject);
      opened.on("close", (code) => {
        reject(new Error(`The socket was closed with ${code}.`));
        if (!isSubscribed) return;
        closes.push(code);
        if (!isRefused) void reconnect();
      });
    });
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
      socket?.terminate();
    },
  };
}
