import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReceivedWebhook } from "@weft/gateway";
import { isWebhookSignature } from "@weft/platform/webhooks";
import { readBody } from "../read-body.js";

/** Requests that are kept. */
const KEPT = 50;
const MAX_BODY_BYTES = 1_048_576;
/** Longest age of a signature, and how far its time can be ahead. */
const TOLERANCE_SECONDS = 300;

/** A receiver of webhooks, which verifies their signatures. */
export interface DemoReceiver {
  /** Its address and port, for `WEFT_OUTBOUND_ALLOWED`. */
  readonly host: string;
  readonly url: string;
  /** The requests, newest first. */
  readonly received: () => readonly ReceivedWebhook[];
  /** Verifies requests with this secret from now on. Before, all are refused. */
  readonly verifyWith: (secret: string) => void;
  readonly close: () => Promise<void>;
}

/** Says to users of a demo which URL on this computer they can use, and how to allow others. */
export const hintOf = ({ url }: Pick<DemoReceiver, "url">): string =>
  `This demo has a receiver at ${url}, whose requests the page /receiver shows. To allow another address of your own, start Weft with its host and port in WEFT_OUTBOUND_ALLOWED.`;

/** Starts the receiver on a port of its own, which only this computer reaches: webhooks then reach nothing else here. */
export async function startDemoReceiver(): Promise<DemoReceiver> {
  const received: ReceivedWebhook[] = [];
  let secret: string | null = null;
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    take(request, response).catch(() => response.destroy());
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") return void response.writeHead(405, { allow: "POST" }).end();
    const body = await readBody(request, { maxBytes: MAX_BODY_BYTES });
    if (body === null) return void response.writeHead(413, { connection: "close" }).end();
    const id = headerOf(request, "webhook-id");
    const timestamp = Number(headerOf(request, "webhook-timestamp"));
    const isRecent = Math.abs(Date.now() / 1_000 - timestamp) <= TOLERANCE_SECONDS;
    const signature = headerOf(request, "webhook-signature");
    const isVerified = secret !== null && isRecent && isWebhookSignature({ id, timestamp, body }, signature, secret);
    received.unshift({ receivedAt: new Date(), id: id.slice(0, 100), isVerified, body: body.toString("utf8").slice(0, 10_000) });
    received.length = Math.min(received.length, KEPT);
    response.writeHead(isVerified ? 204 : 401).end();
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/`,
    received: () => received,
    verifyWith: (given) => void (secret = given),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const headerOf = ({ headers }: IncomingMessage, name: string): string => String(headers[name] ?? "");
