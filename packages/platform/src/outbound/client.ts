/** The one HTTP client for destinations that tenants choose: webhooks, connectors, chat, and HTTP steps. */
import type { LookupAddress } from "node:dns";
import { isIPv6, type LookupFunction, type Socket } from "node:net";
import { callbackify } from "node:util";
import { LRUCache } from "lru-cache";
import type { Agent } from "undici";
import { hostOf, portOf, type OutboundPolicy } from "./policy.js";
import { DestinationForbidden, resolveAllowed, type Resolve } from "./resolve.js";
import { refusalOfUrl } from "./url.js";

export interface OutboundRequest {
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Time for the whole exchange, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Bytes of the response that are read. The rest is never received. */
  readonly maxResponseBytes: number;
  readonly signal?: AbortSignal;
  /** Called with the head of the response, before its body. It must not throw. */
  readonly onHead?: (head: Pick<OutboundResponse, "status" | "headers">) => void;
  /** Called with each piece of the body as it arrives. It must not throw. */
  readonly onData?: (piece: Buffer) => void;
}

export interface OutboundResponse {
  readonly status: number;
  /** In lower case. Repeated headers are joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the response was longer than `maxResponseBytes`. */
  readonly isTruncated: boolean;
  readonly latencyMs: number;
  /** Address of the host's newest connection. */
  readonly address: string;
}

export type OutboundFailure = "FORBIDDEN" | "DNS" | "CONNECT" | "TLS" | "TIMEOUT" | "ABORTED" | "PROTOCOL";

/** There is no response. */
export class OutboundFailed extends Error {
  readonly reason: OutboundFailure;

  constructor(reason: OutboundFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "OutboundFailed";
    this.reason = reason;
  }
}

interface OutboundClientOptions {
  readonly resolve?: Resolve;
  /** Number of connections from which on further ones are not kept. Default: 500. */
  readonly maxKept?: number;
}

export interface OutboundClient {
  /** Sends a request and reads the response. Redirects are responses; they are never followed. @throws OutboundFailed */
  request(request: OutboundRequest): Promise<OutboundResponse>;
  /** Ends all connections. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_MS = 10_000;
/** From this number of connections on, a connection ends with its request instead of being kept for the next one. */
const MAX_KEPT = 500;
const MAX_HEADER_BYTES = 16_384;

/**
 * Returns a client that connects only to addresses that the policy allows. The host is resolved once for each connection, and the connection is made
 * to the addresses that were checked, so that a name server cannot give another address in between.
 *
 * No request waits for another one: each gets a connection of its own if none is free. Otherwise, requests of a tenant to an endpoint that hangs would
 * use up the time of those of other tenants to the same host. Callers limit how many requests they send at the same time.
 */
export function outboundClient(policy: OutboundPolicy, { resolve, maxKept = MAX_KEPT }: OutboundClientOptions = {}): OutboundClient {
  const addresses = new LRUCache<string, string>({ max: 10_000 });
  const sockets = new Set<Socket>();
  let opened: Promise<Agent> | undefined;
  const open = (): Promise<Agent> => (opened ??= openAgent(policy, resolve, { addresses, sockets }));

  return {
    request: async ({ url: text, method, headers, body, timeoutMs, maxResponseBytes, signal, onHead, onData }) => {
      const refusal = refusalOfUrl(policy, text);
      if (refusal !== null) throw new OutboundFailed("FORBIDDEN", `The URL cannot be called: ${refusal}.`);
      const url = new URL(text);
      const started = performance.now();
      const timeout = AbortSignal.timeout(timeoutMs);
      const until = signal ? AbortSignal.any([signal, timeout]) : timeout;
      try {
        const agent = await open();
        const answer = await agent.request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method,
          headers: { ...headers },
          ...(body !== undefined && { body: Buffer.from(body) }),
          signal: until,
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          reset: sockets.size >= maxKept,
        });
        const status = answer.statusCode;
        const answered = Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), [value ?? ""].flat().join(", ")]),
        );
        onHead?.({ status, headers: answered });
        const chunks: Buffer[] = [];
        let bytes = 0;
        let isTruncated = false;
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          const room = maxResponseBytes - bytes;
          const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
          chunks.push(kept);
          onData?.(kept);
          bytes += Math.min(chunk.length, room);
          // Leaving the loop destroys the body, and with it the connection.
          if ((isTruncated = chunk.length > room)) break;
        }
        return {
          status,
          headers: answered,
          body: Buffer.concat(chunks),
          isTruncated,
          latencyMs: Math.round(performance.now() - started),
          address: addresses.get(`${url.hostname}:${portOf(url)}`) ?? hostOf(url),
        };
      } catch (error) {
        throw failureOf(error, { timedOut: timeout.aborted, aborted: signal?.aborted === true, timeoutMs });
      }
    },
    close: async () => (await opened)?.destroy(),
  };
}

/** Loads undici with the first request, so that processes which send none start without it. */
async function openAgent(
  policy: OutboundPolicy,
  resolve: Resolve | undefined,
  { addresses, sockets }: { readonly addresses: LRUCache<string, string>; readonly sockets: Set<Socket> },
): Promise<Agent> {
  const { Agent, buildConnector } = await import("undici");
  return new Agent({
    pipelining: 1,
    // With HTTP/2, requests would share connections, and wait until the first one has negotiated it.
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect: (options, callback) => {
      const port = Number(options.port) || (options.protocol === "http:" ? 80 : 443);
      const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false, lookup: checkedLookup(policy, port, resolve) });
      connect(options, (error, socket) => {
        if (error) return callback(error, null);
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        addresses.set(`${options.hostname}:${port}`, socket.remoteAddress ?? "");
        return callback(null, socket);
      });
    },
  });
}

/** A look-up that answers only addresses which can be connected to. The connection is then made to exactly these. */
function checkedLookup(policy: OutboundPolicy, port: number, resolve: Resolve | undefined): LookupFunction {
  const find = async (host: string): Promise<LookupAddress[]> => {
    const addresses = await resolveAllowed(policy, { host: host.replace(/\.$/, "").toLowerCase(), port }, resolve);
    return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  };
  const answer = callbackify(find);
  return (host, options, callback) =>
    answer(host, (error, found) => {
      if (error) return callback(error, "", 4);
      const [first] = found;
      return options.all === true ? callback(null, found) : callback(null, first?.address ?? "", first?.family);
    });
}

/** Error codes of the name servers (c-ares) and of the system's look-up. */
const dnsCodes: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "ENODATA",
  "ESERVFAIL",
  "EREFUSED",
  "EFORMERR",
  "ENOTIMP",
  "EBADNAME",
  "EBADRESP",
  "ETIMEOUT",
  "EAI_AGAIN",
  "EAI_FAIL",
  "ECANCELLED",
]);

/** undici's own. */
const timeoutCodes: ReadonlySet<string> = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT", "UND_ERR_CONNECT_TIMEOUT"]);

/** Returns the failure that an error of a connection means. */
export function failureOf(
  error: unknown,
  { timedOut, aborted, timeoutMs }: { timedOut: boolean; aborted: boolean; timeoutMs: number },
): OutboundFailed {
  if (error instanceof DestinationForbidden) return new OutboundFailed("FORBIDDEN", error.message, error);
  if (aborted) return new OutboundFailed("ABORTED", "The request was canceled.", error);
  const { code = "", message } = error as Error & { readonly code?: string };
  if (timedOut || timeoutCodes.has(code))
    return new OutboundFailed("TIMEOUT", `There was no complete response within ${timeoutMs} ms.`, error);
  if (dnsCodes.has(code)) return new OutboundFailed("DNS", `The host has no address (${code}).`, error);
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code))
    return new OutboundFailed("TLS", `The TLS connection failed (${code}).`, error);
  if (code === "ECONNREFUSED" || code === "EHOSTUNREACH" || code === "ENETUNREACH" || code === "EADDRNOTAVAIL")
    return new OutboundFailed("CONNECT", `The connection failed (${code}).`, error);
  return new OutboundFailed("PROTOCOL", `The exchange failed (${code === "" ? message.slice(0, 200) : code}).`, error);
}
