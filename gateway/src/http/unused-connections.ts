import type { Socket } from "node:net";
import { contained } from "@weft/platform/logging";
import type { FastifyInstance } from "fastify";

/** The first request of a connection that was opened later than this can be on its way. */
const firstRequestMs = 250;
const everyMs = 20;

/**
 * Closes connections over which nothing was ever sent when the server closes, such as those that browsers and load balancers open in advance. Node.js takes
 * them for busy until the headers of their first request are due, and the server would wait for that. Call when the server is created: hooks cannot be added later.
 */
export function closeUnusedConnections(app: FastifyInstance): void {
  const openedAt = new Map<Socket, number>();
  const opened = (socket: Socket): void => {
    openedAt.set(socket, performance.now());
    socket.once(
      "close",
      contained("the end of a connection", () => void openedAt.delete(socket)),
    );
  };
  app.server.on("connection", contained("accepting a connection", opened));
  let unused = new Set<Socket>();
  const close = (): void => {
    const before = performance.now() - firstRequestMs;
    const still = [...openedAt].filter(([socket, since]) => socket.bytesRead === 0 && since < before);
    // A request can have arrived that the event loop has not read yet. It has by the next time.
    for (const [socket] of still) if (unused.has(socket)) socket.destroy();
    unused = new Set(still.map(([socket]) => socket));
  };
  app.addHook("preClose", async () => {
    close();
    const timer = setInterval(contained("closing unused connections", close), everyMs);
    app.server.once(
      "close",
      contained("the end of a server", () => clearInterval(timer)),
    );
  });
}
