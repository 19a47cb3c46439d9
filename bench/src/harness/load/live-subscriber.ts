/** A message that arrived over a subscription. `at` is the time in ms since 1970. */
export interface Arrival {
  readonly at: number;
  readonly data: Record<string, unknown>;
}

export interface LiveSubscriber {
  /** Returns the next message that was not returned yet. Fails after 10 seconds. */
  next(): Promise<Arrival>;
  close(): void;
}

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: Record<string, unknown>; readonly errors?: readonly unknown[] };
}

/**
 * Subscribes over a separate socket (graphql-transport-ws) and records the arrival time of each answer. Resolves when the connection is acknowledged
 * and the subscription is sent.
 */
export async function subscribe(url: string, token: string, query: string, variables: Record<string, unknown>): Promise<LiveSubscriber> {
  const socket = new WebSocket(new URL("/graphql", url.replace(/^http/, "ws")), "graphql-transport-ws");
  const acknowledged = Promise.withResolvers<void>();
  const arrivals: Arrival[] = [];
  let wake: () => void = () => {};
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    acknowledged.reject(error);
    wake();
  };
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.addEventListener("open", () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
  socket.addEventListener("close", ({ code, reason }) => fail(new Error(`The socket was closed with ${code} ${reason}.`)));
  socket.addEventListener("message", (event) => {
    const at = Date.now();
    const { type, payload } = JSON.parse(String(event.data)) as Message;
    if (type === "connection_ack") acknowledged.resolve();
    else if (type === "ping") send({ type: "pong" });
    else if (type === "next" && payload?.data && payload.errors === undefined) {
      arrivals.push({ at, data: payload.data });
      wake();
    } else fail(new Error(`The subscription got ${JSON.stringify({ type, payload })}.`));
  });
  await acknowledged.promise;
  send({ id: "1", type: "subscribe", payload: { query, variables } });
  return {
    next: async () => {
      const deadline = performance.now() + 10_000;
      for (;;) {
        if (failure !== undefined) throw failure;
        const arrival = arrivals.shift();
        if (arrival !== undefined) return arrival;
        if (performance.now() > deadline) throw new Error("Nothing came over the subscription in ten seconds.");
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 1_000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    close: () => socket.close(1000),
  };
}
