import { once } from "node:events";
import { WebSocket } from "ws";
import { Arrivals, type Received } from "./arrivals.js";

/** Many sockets, each with one subscription to the same operation. */
export interface ManySockets {
  /**
   * Waits until every socket has received one more message.
   * @throws Error if one is missing after a minute, or if payloads differ
   */
  next(): Promise<Received>;
  /** Messages that no `next` was waiting for, and closed sockets. Both must be zero at the end. */
  readonly surplus: () => number;
  close(): Promise<void>;
}

export interface ManySocketsOptions {
  readonly url: string;
  readonly protocol?: string;
  /** Messages that each socket sends after it opened, one after the other, each after the previous answer. */
  readonly greetings: (socket: number) => readonly string[];
  readonly count: number;
}

/** Opens the sockets a few at a time. The message of a subscription has a different ID on each socket, as that of real clients has. */
export async function openManySockets({ url, protocol, greetings, count }: ManySocketsOptions): Promise<ManySockets> {
  const sockets: WebSocket[] = [];
  const arrivals = new Arrivals(count, "sockets");
  const receive = (data: Buffer): void => {
    const text = data.toString("latin1");
    const start = text.indexOf('"payload":');
    if (text.includes('"type":"next"')) arrivals.add(text.slice(start + 10, -1));
    else arrivals.fail(`A socket received ${text.slice(0, 500)}.`);
  };
  const open = async (index: number): Promise<void> => {
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
    sockets[index] = socket;
    await once(socket, "open");
    for (const [turn, text] of greetings(index).entries()) {
      socket.send(text);
      // The answer to the first greeting acknowledges the connection.
      if (turn === 0) await once(socket, "message");
    }
    socket.on("message", receive);
    socket.on("close", (code) => arrivals.fail(`A socket was closed with ${code}.`));
  };
  for (let start = 0; start < count; start += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - start) }, (_, n) => open(start + n)));
  return {
    next: () => arrivals.next((payload) => JSON.parse(Buffer.from(payload, "latin1").toString("utf8"))),
    surplus: () => arrivals.surplus,
    close: async () => {
      for (const socket of sockets) socket.removeAllListeners("close").close();
      for (const socket of sockets) if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
    },
  };
}
