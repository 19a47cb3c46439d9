import type { Socket } from "node:net";
import type { SMTPServer } from "smtp-server";
import type { MailLimits } from "./mail-limits.js";

type Limits = Pick<MailLimits, "maxConnections" | "maxConnectionsPerPeer" | "connectionMs">;

/**
 * Refuses connections above the limits, and ends each one after some time. The server's own `maxClients` counts neither by address nor the connections
 * that it has refused, which stay open for five seconds, and its `socketTimeout` starts again with each byte.
 */
export function limitConnections(server: SMTPServer, { maxConnections, maxConnectionsPerPeer, connectionMs }: Limits): void {
  const openOf = new Map<string, number>();
  let open = 0;
  const count = (peer: string, by: 1 | -1): void => {
    open += by;
    const ofPeer = (openOf.get(peer) ?? 0) + by;
    if (ofPeer > 0) openOf.set(peer, ofPeer);
    else openOf.delete(peer);
  };
  const connect = server.connect.bind(server);
  server.connect = (socket, options) => {
    // It has no `close` event any more.
    if (socket.destroyed) return;
    const peer = socket.remoteAddress ?? "";
    if (open >= maxConnections || (openOf.get(peer) ?? 0) >= maxConnectionsPerPeer) {
      refuse(socket);
      return;
    }
    count(peer, 1);
    const timer = setTimeout(() => {
      socket.end("421 4.4.2 The connection was open for too long.\r\n");
      // What was not written at once is not waited for.
      socket.destroy();
    }, connectionMs);
    timer.unref();
    socket.once("close", () => {
      clearTimeout(timer);
      count(peer, -1);
    });
    connect(socket, options);
  };
}

function refuse(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.end("421 4.7.0 Too many connections. Try again later.\r\n");
  socket.destroySoon();
}
