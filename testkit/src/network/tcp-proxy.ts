import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { resetSocket } from "./reset-socket.js";
import { forward, type NetworkConditions } from "./tcp-link.js";

/** A TCP proxy between two processes that simulates a bad network. */
export interface TcpProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Returns the number of open connections through the proxy. */
  connections(): number;
  /** Delays each byte by this time, in each direction and in order. 0 removes the delay. */
  delay(ms: number): void;
  /** Limits the bytes per second, per connection and direction. Infinity removes the limit. */
  throttle(bytesPerSecond: number): void;
  /** Nothing arrives anymore, and neither side is notified: connections stay open, and new ones are accepted and stay silent. */
  blackHole(): void;
  /** Resets open connections, and new ones too. */
  cut(): void;
  /** Removes all restrictions. Data that a black hole kept back arrives late, as after a long pause. */
  heal(): void;
  /** Resets the open connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy to `target`. Give the proxy's port to the process whose network you want to disturb. */
export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const conditions: NetworkConditions = {
    delayMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    isHole: false,
    changed: Promise.withResolvers<void>(),
  };
  let isCut = false;
  const pairs = new Set<readonly [Socket, Socket]>();

  const change = (values: Partial<NetworkConditions>): void => {
    const { changed } = conditions;
    Object.assign(conditions, values, { changed: Promise.withResolvers<void>() });
    changed.resolve();
  };
  const resetAll = (): void => {
    for (const pair of pairs) for (const socket of pair) resetSocket(socket);
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on("error", () => {});
    if (isCut) {
      resetSocket(client);
      return;
    }
    const upstream = connect({ host: target.host ?? "127.0.0.1", port: target.port, allowHalfOpen: true, noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [socket, other] of [pair, [upstream, client] as const]) {
      // An error on one side resets the other side, so a target that refuses connections also looks that way through the proxy.
      socket.on("error", () => resetSocket(other));
      socket.on("close", () => {
        pairs.delete(pair);
        if (!other.destroyed && !other.writableEnded) other.destroy();
      });
      forward(socket, other, conditions);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    connections: () => pairs.size,
    delay: (delayMs) => change({ delayMs }),
    throttle: (bytesPerSecond) => change({ bytesPerSecond }),
    blackHole: () => change({ isHole: true }),
    cut: () => {
      isCut = true;
      resetAll();
    },
    heal: () => {
      isCut = false;
      change({ delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, isHole: false });
    },
    close: async () => {
      resetAll();
      server.close();
      await once(server, "close");
    },
  };
}
