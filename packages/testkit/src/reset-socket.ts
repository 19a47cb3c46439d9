import type { Socket } from "node:net";

/**
 * Resets a connection: its other end sees ECONNRESET. While its own end is on its way (`end` was called, and the shutdown is not through) it is
 * only closed. libuv refuses to reset then, and Node 24 forgets the handle without having closed it: a process with such a handle never
 * ends, but spins in the clean-up of its handles (`Environment::CleanupHandles`) when everything else is done.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
