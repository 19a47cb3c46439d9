import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";

export interface SyslogReceiver {
  /** `tls://127.0.0.1:port` */
  readonly url: string;
  /** The messages of connections that ended as they should. */
  readonly messages: string[];
  /** Called with each connection, for example to break it. */
  onConnection: (socket: TLSSocket) => void;
  /** Names of the certificates with which clients identified themselves. */
  readonly clients: string[];
  close(): Promise<void>;
}

/** Starts a receiver of syslog over TLS that reads messages with their lengths before them (RFC 5425), and ends connections that the sender has ended. */
export async function startSyslogReceiver(options: TlsOptions): Promise<SyslogReceiver> {
  const sockets = new Set<TLSSocket>();
  const server = createServer(options, (socket) => {
    sockets.add(socket);
    const chunks: Buffer[] = [];
    receiver.clients.push(String(socket.getPeerCertificate().subject?.CN));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => receiver.messages.push(...messagesIn(Buffer.concat(chunks))));
    socket.on("error", () => undefined);
    receiver.onConnection(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: SyslogReceiver = {
    url: `tls://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages: [],
    clients: [],
    onConnection: () => undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}

/** @throws Error if a length is not that of its message */
function messagesIn(bytes: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(" ", at);
    const length = Number(bytes.subarray(at, blank).toString("ascii"));
    if (!(length > 0) || blank + 1 + length > bytes.length) throw new Error(`No message at ${at}.`);
    messages.push(bytes.subarray(blank + 1, blank + 1 + length).toString("utf8"));
    at = blank + 1 + length;
  }
  return messages;
}
