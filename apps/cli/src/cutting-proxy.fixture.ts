import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A proxy that can cut off the WebSockets that go through it. */
export interface CuttingProxy {
  readonly url: string;
  /** How many WebSockets have brought lines of a log so far. */
  socketsWithLines(): number;
  /** Ends all WebSockets without a closing handshake, as a lost network does. */
  cut(): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const webSockets = new Set<Socket>();
  let withLines = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, upstream]) {
      open.add(socket);
      // The other end is gone as well.
      socket.on("error", () => undefined);
      socket.on("close", () => [client, upstream].forEach((one) => one.destroy()));
    }
    client.on("data", (chunk: Buffer) => {
      if (chunk.includes("upgrade: websocket") || chunk.includes("Upgrade: websocket")) webSockets.add(client);
    });
    let hasLines = false;
    upstream.on("data", (chunk: Buffer) => {
      if (hasLines || !webSockets.has(client) || !chunk.includes("runLogs")) return;
      hasLines = true;
      withLines++;
    });
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    socketsWithLines: () => withLines,
    cut: () => {
      for (const socket of webSockets) socket.destroy();
      webSockets.clear();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
