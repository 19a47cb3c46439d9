/**
 * The proxy of one program, in a process of its own beside its runner: what a program sends must not slow down or end the process that watches it. It gets
 * its limits and the listening socket from the runner, asks it about each target, and tells it what the program has used. It ends with the runner.
 *
 * It imports only types of Weft, so that it can start from its source.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type Server as HttpServer, type ServerResponse } from "node:http";
import { connect, type Server, type Socket } from "node:net";
import type {
  NetworkAnswer,
  NetworkLimits,
  NetworkRefusal,
  NetworkTarget,
  NetworkUse,
  ProxyAnswer,
  ProxyMessage,
  ProxyTask,
} from "./runner-network.js";

interface NetworkOptions {
  readonly limits: NetworkLimits;
  /** Asks for the addresses of a target. */
  readonly ask: (target: NetworkTarget) => Promise<NetworkAnswer>;
  /** Is told what the proxy itself refuses. */
  readonly onRefused: (written: string, refusal: NetworkRefusal) => void;
  /** Is told that the number of its sockets in the sandbox has changed. */
  readonly onSockets: () => void;
}

type Reached =
  | Exclude<NetworkAnswer, { kind: "allowed" }>
  | { readonly kind: "reached"; readonly upstream: Socket; readonly isTlsOnly: boolean };

/** Time between two messages about the bytes that were sent and received. */
const USE_MS = 200;
const CONNECT_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
/** Refusals of one program that are told. */
const MAX_TOLD = 100;
/** Addresses of a host that are tried. */
const MAX_ADDRESSES = 4;
/** Characters of a name in the DNS. */
const MAX_HOST = 253;
/** First byte of a TLS connection: a record of the type handshake. */
const TLS_HANDSHAKE = 0x16;

/** Headers that are about a connection, and those that only proxies read. */
const hopHeaders: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

function main(): void {
  process.once("disconnect", () => process.exit(0));
  process.once("message", ({ limits }: ProxyTask, listener) => serve(limits, listener as Server));
}

function serve(limits: NetworkLimits, listener: Server): void {
  const say = (message: ProxyMessage, onSaid: () => void = () => undefined): void => void process.send?.(message, undefined, {}, onSaid);
  const asked = new Map<number, (answer: NetworkAnswer) => void>();
  let count = 0;
  let isToldSoon = false;
  const proxy = new ProgramProxy({
    limits,
    ask: (target) =>
      new Promise((resolve) => {
        asked.set(++count, resolve);
        say({ kind: "ask", id: count, target });
      }),
    onRefused: (written, refusal) => say({ kind: "refused", written, refusal }),
    // The runner takes these sockets off those of the program, so it must know their number soon.
    onSockets: () => {
      if (isToldSoon) return;
      isToldSoon = true;
      setImmediate(() => {
        isToldSoon = false;
        tell();
      });
    },
  });
  const tell = (onSaid?: () => void): void => say({ kind: "use", use: proxy.use }, onSaid);
  process.on("message", (said: ProxyAnswer) => {
    if (said === "end") return tell(() => process.exit(0));
    asked.get(said.id)?.(said.answer);
    asked.delete(said.id);
  });
  proxy.listen(listener, () => {
    tell();
    setInterval(() => tell(), USE_MS);
  });
}

/** The proxy of one program. */
class ProgramProxy {
  readonly #server: HttpServer;
  readonly #limits: NetworkLimits;
  readonly #ask: NetworkOptions["ask"];
  readonly #onRefused: NetworkOptions["onRefused"];
  readonly #onSockets: NetworkOptions["onSockets"];
  readonly #sockets = new Set<Socket>();
  /** Connections that have made their request. */
  readonly #used = new WeakSet<Socket>();
  /** Connections to the outside, and those that are about to be made. */
  #outgoing = 0;
  #calls = 0;
  #sentBytes = 0;
  #receivedBytes = 0;
  #refusals = 0;

  constructor({ limits, ask, onRefused, onSockets }: NetworkOptions) {
    this.#limits = limits;
    this.#ask = ask;
    this.#onRefused = onRefused;
    this.#onSockets = onSockets;
    this.#server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.idleMs,
      // A body takes as long as it moves.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(1_000, limits.idleMs),
      insecureHTTPParser: false,
    });
    this.#server.timeout = limits.idleMs;
    this.#server.maxConnections = limits.connections;
    this.#server.on("connection", (socket: Socket) => this.#keep(socket));
    this.#server.on("connect", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
      if (this.#isFirst(client)) this.#tunnel(incoming, client, head).catch(() => client.destroy());
    });
    this.#server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
      if (this.#isFirst(incoming.socket)) this.#forward(incoming, response).catch(() => incoming.socket.destroy());
    });
  }

  listen(listener: Server, onListening: () => void): void {
    this.#server.listen(listener, onListening);
  }

  get use(): NetworkUse {
    return { sentBytes: this.#sentBytes, receivedBytes: this.#receivedBytes, sockets: this.#sockets.size + 1 };
  }

  /** A connection is for one request, and every answer says so: Node.js hands over further ones at once, without a limit. */
  #isFirst(client: Socket): boolean {
    if (!this.#used.has(client)) {
      this.#used.add(client);
      return true;
    }
    client.destroy();
    return false;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#onSockets();
    });
    this.#onSockets();
  }

  async #tunnel({ url = "" }: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const end = (status: string, text: string): void => {
      const body = `${text}\n`;
      const headers = ["Connection: close", "Content-Type: text/plain; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`];
      client.end([`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n"));
    };
    const target = targetOfTunnel(url);
    if (!target) return end("400 Bad Request", "The target of CONNECT must be a host and a port.");
    const reached = await this.#reach(target, client);
    if (reached.kind === "refused") return end("403 Forbidden", `Refused by the rule ${reached.rule}: ${reached.message}`);
    if (reached.kind === "unreachable") return end("502 Bad Gateway", reached.message);
    const { upstream, isTlsOnly } = reached;
    client.setTimeout(this.#limits.idleMs, () => client.destroy());
    upstream.once("close", () => client.destroySoon());
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    // Servers of other protocols can be the first to speak.
    const first = head.length > 0 || !isTlsOnly ? head : await firstBytesOf(client);
    if (first === null) return void upstream.destroy();
    if (isTlsOnly && first[0] !== TLS_HANDSHAKE) {
      this.#refuse(target, { rule: "outbound", message: "Tunnels to this host are for TLS only." });
      upstream.destroy();
      return void client.destroy();
    }
    this.#count(target, "sent", first.length);
    if (first.length > 0) upstream.write(first);
    client.on("data", ({ length }: Buffer) => this.#count(target, "sent", length));
    upstream.on("data", ({ length }: Buffer) => this.#count(target, "received", length));
    client.pipe(upstream);
    upstream.pipe(client);
  }

  async #forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number, text: string): void => {
      response.writeHead(status, { connection: "close", "content-type": "text/plain; charset=utf-8" });
      response.end(`${text}\n`);
    };
    const { url = "", method = "GET" } = incoming;
    const target = targetOfRequest(url);
    if (!target) return end(400, "The proxy accepts CONNECT, and requests whose target is an absolute http: URL.");
    const client = incoming.socket;
    const reached = await this.#reach(target, client);
    if (reached.kind === "refused") return end(403, `Refused by the rule ${reached.rule}: ${reached.message}`);
    if (reached.kind === "unreachable") return end(502, reached.message);
    const { upstream } = reached;
    response.once("close", () => upstream.destroySoon());
    const { pathname, search, host } = new URL(url);
    const isChunked = incoming.headers["transfer-encoding"] !== undefined;
    const outgoing = send({
      // The proxy frames the body itself, so that no server can see more than one request.
      headers: [...passedOn(incoming), "Host", host, "Connection", "close", ...(isChunked ? ["Transfer-Encoding", "chunked"] : [])],
      method,
      path: `${pathname}${search}`,
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection: () => upstream,
    });
    incoming.on("data", ({ length }: Buffer) => this.#count(target, "sent", length));
    incoming.pipe(outgoing);
    outgoing.on("error", () => (response.headersSent ? response.destroy() : end(502, "The exchange failed.")));
    // An answer that changes the protocol ends without one.
    outgoing.once("close", () => void (response.headersSent || end(502, "The exchange failed.")));
    outgoing.once("response", (answered) => {
      // Node.js reads statuses that it does not write.
      const { statusCode = 0 } = answered;
      if (statusCode < 200 || statusCode > 999) {
        upstream.destroy();
        return end(502, "The answer has no valid status.");
      }
      try {
        response.writeHead(statusCode, [...passedOn(answered), "Connection", "close"]);
      } catch {
        return void client.destroy();
      }
      answered.on("data", ({ length }: Buffer) => this.#count(target, "received", length));
      answered.once("error", () => response.destroy());
      answered.pipe(response);
    });
  }

  /** Connects to a target, if that is allowed. The connection ends with the client's. */
  async #reach(target: NetworkTarget, client: Socket): Promise<Reached> {
    // Clients that have left can still have connections outside.
    if (this.#outgoing >= this.#limits.connections)
      return this.#refuse(target, { rule: "network", message: `A program has at most ${this.#limits.connections} connections at a time.` });
    this.#outgoing++;
    let upstream: Socket | null = null;
    try {
      const answer = await this.#answer(target);
      if (answer.kind !== "allowed") return answer;
      upstream = client.destroyed ? null : await connectToOne(answer.addresses, target.port).catch(() => null);
      if (!upstream) return { kind: "unreachable", message: "The connection failed." };
      const connected = upstream;
      connected.once("close", () => this.#outgoing--);
      connected.setTimeout(this.#limits.idleMs, () => connected.destroy());
      if (client.destroyed) connected.destroy();
      // What a client has sent before it left arrives.
      else client.once("close", (hasFailed: boolean) => (hasFailed ? connected.destroy() : connected.destroySoon()));
      return { kind: "reached", upstream: connected, isTlsOnly: answer.isTlsOnly };
    } finally {
      if (!upstream) this.#outgoing--;
    }
  }

  /** Asks about a target, unless the program has used up what it has. */
  async #answer(target: NetworkTarget): Promise<NetworkAnswer> {
    if (this.#isFull()) return this.#refuse(target, this.#fullness());
    if (this.#calls >= this.#limits.calls)
      return this.#refuse(target, { rule: "network", message: `A program has at most ${this.#limits.calls} calls.` });
    this.#calls++;
    return this.#ask(target);
  }

  #refuse({ written }: NetworkTarget, refusal: NetworkRefusal): { readonly kind: "refused" } & NetworkRefusal {
    // A program that goes on and on must not keep those busy that are told.
    if (this.#refusals++ < MAX_TOLD) this.#onRefused(written, refusal);
    return { kind: "refused", ...refusal };
  }

  #count(target: NetworkTarget, direction: "sent" | "received", bytes: number): void {
    const wasFull = this.#isFull();
    if (direction === "sent") this.#sentBytes += bytes;
    else this.#receivedBytes += bytes;
    if (!this.#isFull()) return;
    if (!wasFull) this.#refuse(target, this.#fullness());
    // The connections outside end with those inside.
    for (const socket of this.#sockets) socket.destroy();
  }

  #fullness(): NetworkRefusal {
    return { rule: "network", message: `A program sends and receives at most ${this.#limits.bytes} bytes.` };
  }

  #isFull(): boolean {
    return this.#sentBytes + this.#receivedBytes > this.#limits.bytes;
  }
}

const HOST_AND_PORT = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255}):\d{1,5}$/;

function targetOfTunnel(written: string): NetworkTarget | null {
  // The parser of URLs knows every notation of an address.
  if (!HOST_AND_PORT.test(written) || !URL.canParse(`https://${written}`)) return null;
  return targetOf(new URL(`https://${written}`), { port: 443, isTunnel: true, written });
}

function targetOfRequest(url: string): NetworkTarget | null {
  if (!/^http:\/\//i.test(url) || !URL.canParse(url)) return null;
  const { username, password, host } = new URL(url);
  if (username !== "" || password !== "") return null;
  // The path can contain what nobody should read in a log.
  return targetOf(new URL(url), { port: 80, isTunnel: false, written: host });
}

function targetOf(
  { hostname, port }: URL,
  { port: defaultPort, isTunnel, written }: Pick<NetworkTarget, "port" | "isTunnel" | "written">,
): NetworkTarget | null {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
  if (host.length > MAX_HOST) return null;
  return { host, port: port === "" ? defaultPort : Number(port), isTunnel, written: written.slice(0, 300) };
}

/** Headers of a message without those that are about its connection, as pairs in one list. */
function passedOn({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const passed: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    if (!hopHeaders.has(name.toLowerCase()) && !(named.includes(name.toLowerCase()) && !isFraming(name))) passed.push(name, value);
  }
  return passed;
}

/** A message must not lose its length, whatever it says about its connection. */
const isFraming = (name: string): boolean => name.toLowerCase() === "content-length";

/** The first bytes that a client sends. Null: it has ended. */
async function firstBytesOf(client: Socket): Promise<Buffer | null> {
  await once(client, "readable");
  return client.read() as Buffer | null;
}

async function connectToOne(addresses: readonly string[], port: number): Promise<Socket> {
  let failure: unknown = new Error("The host has no address.");
  for (const host of addresses.slice(0, MAX_ADDRESSES)) {
    const socket = connect({ host, port });
    const late = setTimeout(() => socket.destroy(new Error("The connection took too long.")), CONNECT_MS);
    try {
      await once(socket, "connect");
      socket.on("error", () => undefined);
      return socket;
    } catch (error) {
      failure = error;
    } finally {
      clearTimeout(late);
    }
  }
  throw failure;
}

main();
