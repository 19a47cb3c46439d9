import { randomBytes } from "node:crypto";
import type { WebSocket } from "ws";

export const pingMs = 15_000;

/**
 * Pings a client, because one that does not answer is gone or does not read, although its connection looks open. Each ping has different content,
 * which the pong must repeat. A client can only answer pings that it has read.
 * @returns a function that stops the pings
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
