import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  readonly atMs: number;
}

export interface Receiver {
  readonly url: string;
  readonly requests: Received[];
  /** Answers the requests from now on. By default with 204. */
  answer: (request: Received, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Starts an HTTP server on the loopback interface that records the requests. */
export async function startReceiver(): Promise<Receiver> {
  const requests: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { headers, url: path = "" } = request;
      const bytes = Buffer.concat(chunks);
      const received = { path, headers, body: bytes.toString("utf8"), bytes, atMs: Date.now() };
      requests.push(received);
      receiver.answer(received, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer: (_request, response) => void response.writeHead(204).end(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return receiver;
}

/** Starts any number of receivers, and closes all of them. */
export function receiverGroup(): { readonly start: () => Promise<Receiver>; readonly close: () => Promise<void> } {
  const receivers: Receiver[] = [];
  return {
    start: async () => {
      const receiver = await startReceiver();
      receivers.push(receiver);
      return receiver;
    },
    close: async () => {
      await Promise.all(receivers.map((receiver) => receiver.close()));
    },
  };
}

/** Type and data of a body. */
export const bodyOf = ({ body }: Received): { type: string; timestamp: string; data: Record<string, unknown> } =>
  JSON.parse(body) as { type: string; timestamp: string; data: Record<string, unknown> };
