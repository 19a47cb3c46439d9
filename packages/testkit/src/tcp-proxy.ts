import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { resetSocket } from "./reset-socket.js";
import { forward, type Weather } from "./tcp-link.js";

/** A TCP proxy that stands between two processes and does to their bytes what a bad network does. */
export interface TcpProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections that are open through it now. */
  connections(): number;
  /** Each byte arrives this much later, in each direction, in order. 0 ends it. */
  delay(ms: number): void;
  /** At most so many bytes a second, per connection and direction. Infinity ends it. */
  throttle(bytesPerSecond: number): void;
  /** Nothing arrives any more, and nobody is told: connections stay open, new ones are taken and stay silent. */
  blackHole(): void;
  /** Open connections are reset, and new ones too. */
  cut(): void;
  /** Everything passes again; what a black hole kept back arrives late, as after a long pause. */
  heal(): void;
  /** Resets the open connections and stops listening. */
  close(): Promise<void>;
}

/** Starts a proxy to `target`. Give the port of the proxy to the process that shall suffer. */
export async function startTcpProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const weather: Weather = { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, isHole: false, changed: Promise.withResolvers<void>() };
  let isCut = false;
  const pairs = new Set<readonly [Socket, Socket]>();

  const change = (values: Partial<Weather>): void => {
    const { changed } = weather;
    Object.assign(weather, values, { changed: Promise.withResolvers<void>() });
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
      // Either side's loss is the other's: a refused target looks refused through the proxy too.
      socket.on("error", () => resetSocket(other));
      socket.on("close", () => {
        pairs.delete(pair);
        if (!other.destroyed && !other.writableEnded) other.destroy();
      });
      forward(socket, other, weather);
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
