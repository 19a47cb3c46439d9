import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** The text by which scanners are tested. It is harmless, and every scanner reports it. */
export const eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/** A server that speaks clamd's protocol (the commands INSTREAM and PING) and finds the EICAR test file. */
export interface ClamdServer {
  readonly url: string;
  /** Sizes of the files that were scanned. */
  readonly scanned: readonly number[];
  stop(): Promise<void>;
}

export interface ClamdOptions {
  /** Fixed port, for a server that comes back. */
  readonly port?: number;
  /** clamd's StreamMaxLength, in bytes. */
  readonly maxBytes?: number;
  /** Number of bytes of a file after which the server dies, as if it were killed. */
  readonly diesAfterBytes?: number;
  /** Answer instead of the result of a scan, and to a PING. */
  readonly answer?: string;
}

const command = Buffer.from("zINSTREAM\0");
const ping = Buffer.from("zPING\0");

export async function startClamdServer({
  port = 0,
  maxBytes = 100_000_000,
  diesAfterBytes = Number.POSITIVE_INFINITY,
  answer,
}: ClamdOptions = {}): Promise<ClamdServer> {
  const scanned: number[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    serve(socket).catch(() => socket.destroy());
  });

  async function serve(socket: Socket): Promise<void> {
    let buffered: Buffer = Buffer.alloc(0);
    let hasCommand = false;
    const received: Buffer[] = [];
    let size = 0;
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      buffered = Buffer.concat([buffered, chunk]);
      if (!hasCommand) {
        if (buffered.equals(ping)) return void socket.end(answer ?? "PONG\0");
        if (buffered.length < command.length) continue;
        if (!buffered.subarray(0, command.length).equals(command)) return void socket.end("UNKNOWN COMMAND\0");
        buffered = buffered.subarray(command.length);
        hasCommand = true;
      }
      while (buffered.length >= 4) {
        const length = buffered.readUInt32BE();
        if (length === 0) {
          scanned.push(size);
          return void socket.end(answer ?? (Buffer.concat(received).includes(eicar) ? "stream: Eicar-Signature FOUND\0" : "stream: OK\0"));
        }
        if (buffered.length < 4 + length) break;
        size += length;
        if (size > diesAfterBytes) return void socket.destroy();
        if (size > maxBytes) return void socket.end("INSTREAM size limit exceeded. ERROR\0");
        received.push(buffered.subarray(4, 4 + length));
        buffered = buffered.subarray(4 + length);
      }
    }
  }

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scanned,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
