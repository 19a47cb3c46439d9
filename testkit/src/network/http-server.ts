import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { listenOnLoopback } from "./listen.js";

/** An HTTP server on the loopback interface. */
export interface HttpServer {
  readonly port: number;
  /** `127.0.0.1:<port>`, for the outbound policy of tests. */
  readonly host: string;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Breaks all connections. The server goes on. */
  closeConnections(): void;
  /** Breaks all connections, and stops the server. */
  close(): Promise<void>;
}

/** Starts an HTTP server on a free port of 127.0.0.1. */
export async function serveHttp(answer: RequestListener): Promise<HttpServer> {
  const server = createServer(answer);
  const port = await listenOnLoopback(server);
  const host = `127.0.0.1:${port}`;
  return {
    port,
    host,
    url: `http://${host}`,
    closeConnections: () => server.closeAllConnections(),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
