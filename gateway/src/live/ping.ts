import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";

export const pingMs = 15_000;

/**
 * A client that answers no ping is gone, or reads nothing, although its connection looks open. Each ping says something else, which its pong must repeat: nobody can
 * answer one that has not been read.
 * @returns ends it
 */
export function pingUntilSilent(socket: WebSocket, everyMs: number): () => void {
  let awaited: Buffer | undefined;
  socket.on("pong", (data) => {
    if (awaited?.equals(data)) awaited = undefined;
  });
  const timer = setInterval(() => {
    if (awaited) return socket.terminate();
    awaited = randomBytes(8);
    socket.ping(awaited);
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
