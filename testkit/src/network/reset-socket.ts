import type { Socket } from "node:net";

/**
 * Resets a connection, so that its other end sees ECONNRESET. If this end is still shutting down (`end` was called, but the shutdown has not
 * finished), the connection is only closed. In this state libuv refuses to reset, and Node 24 forgets the handle without closing it. A process with
 * such a handle never ends: when everything else is done, it loops in the cleanup of its handles (`Environment::CleanupHandles`).
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
