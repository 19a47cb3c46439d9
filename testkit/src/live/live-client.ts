import WebSocket from "ws";

/** A WebSocket client that implements the protocol directly, so that it can also violate it. */
export interface LiveClient {
  readonly messages: readonly LiveMessage[];
  /** The close code, once either side has closed the socket. */
  readonly closeCode: number | undefined;
  send(message: unknown): void;
  /** Sends exactly these bytes or this text. */
  sendRaw(data: string | Buffer): void;
  /** Returns the first past or future message that satisfies the condition. Fails after the deadline, or if the socket closes before. */
  message(which: (message: LiveMessage) => boolean, deadlineMs?: number): Promise<LiveMessage>;
  /** Returns all payloads of a subscription when there are this many. */
  payloads(id: string, count: number, deadlineMs?: number): Promise<Record<string, unknown>[]>;
  /** Returns the close code, regardless of which side closed the socket. */
  closed(deadlineMs?: number): Promise<number>;
  pause(): void;
  close(): void;
}

export interface LiveMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** Opens a socket. With a token, also waits for the acknowledgment. `init` is more of the payload of connection_init. */
export async function openLive(
  url: string,
  options: { token?: string; protocol?: string; headers?: Record<string, string>; init?: Record<string, unknown> } = {},
): Promise<LiveClient> {
  const socket = new WebSocket(url.replace(/^http/, "ws") + "/graphql", options.protocol ?? "graphql-transport-ws", {
    headers: options.headers ?? {},
  });
  const messages: LiveMessage[] = [];
  const watchers = new Set<() => void>();
  let closeCode: number | undefined;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  socket.on("message", (data) => {
    messages.push(JSON.parse((data as Buffer).toString()) as LiveMessage);
    changed();
  });
  socket.on("close", (code) => {
    closeCode = code;
    changed();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });

  /** Waits until `look` returns a value. */
  const until = <T>(look: () => T | undefined, what: string, deadlineMs: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          end(() =>
            reject(new Error(`${what} did not come; there were ${JSON.stringify(messages).slice(0, 2_000)} and close ${closeCode}`)),
          ),
        deadlineMs,
      );
      const watcher = (): void => {
        const found = look();
        if (found !== undefined) end(() => resolve(found));
        else if (closeCode !== undefined) end(() => reject(new Error(`${what} did not come before the close ${closeCode}`)));
      };
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        watchers.delete(watcher);
        finish();
      };
      watchers.add(watcher);
      watcher();
    });

  const client: LiveClient = {
    messages,
    get closeCode() {
      return closeCode;
    },
    send: (message) => socket.send(JSON.stringify(message)),
    sendRaw: (data) => socket.send(data),
    message: (which, deadlineMs = 10_000) => until(() => messages.find(which), "The message", deadlineMs),
    payloads: (id, count, deadlineMs = 10_000) =>
      until(
        () => {
          const found = messages.filter((message) => message.type === "next" && message.id === id);
          return found.length >= count ? found.map(({ payload }) => payload as Record<string, unknown>) : undefined;
        },
        `${count} payloads of ${id}`,
        deadlineMs,
      ),
    closed: (deadlineMs = 10_000) => until(() => closeCode, "The close", deadlineMs),
    pause: () => socket.pause(),
    close: () => socket.terminate(),
  };
  if (options.token !== undefined) {
    client.send({ type: "connection_init", payload: { authorization: `Bearer ${options.token}`, ...options.init } });
    await client.message(({ type }) => type === "connection_ack");
  }
  return client;
}
