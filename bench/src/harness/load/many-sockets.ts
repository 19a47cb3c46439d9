import { once } from "node:events";
import { until } from "@weft/testkit/until";
import { WebSocket } from "ws";

/** What the sockets of many users received for one event. */
export interface Received {
  /** Time of the last arrival, in ms since 1970. */
  readonly lastAt: number;
  /** The payload, which was the same for all. */
  readonly payload: unknown;
}

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
  let arrived = 0;
  let surplus = 0;
  let expected: string | undefined;
  let lastAt = 0;
  let failure: Error | undefined;
  const receive = (data: Buffer): void => {
    const text = data.toString("latin1");
    const start = text.indexOf('"payload":');
    if (!text.includes('"type":"next"')) {
      failure ??= new Error(`A socket received ${text.slice(0, 500)}.`);
      return;
    }
    const payload = text.slice(start + 10, -1);
    if (expected === undefined) surplus++;
    else if (expected === "") expected = payload;
    else if (payload !== expected) failure ??= new Error(`Two sockets received different payloads: ${payload} and ${expected}.`);
    arrived++;
    lastAt = Date.now();
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
    socket.on("close", (code) => (failure ??= new Error(`A socket was closed with ${code}.`)));
  };
  for (let start = 0; start < count; start += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - start) }, (_, n) => open(start + n)));
  return {
    next: async () => {
      expected = "";
      await until(async () => (failure !== undefined || arrived >= count ? true : undefined), {
        what: `${count} sockets have received the message`,
        everyMs: 5,
        deadlineMs: 60_000,
      });
      if (failure) throw failure;
      arrived -= count;
      const payload: unknown = JSON.parse(Buffer.from(expected, "latin1").toString("utf8"));
      expected = undefined;
      return { lastAt, payload };
    },
    surplus: () => surplus + arrived,
    close: async () => {
      for (const socket of sockets) socket.removeAllListeners("close").close();
      for (const socket of sockets) if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
    },
  };
}
