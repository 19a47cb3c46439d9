/**
 * The network of a program: an HTTP proxy that only its sandbox can reach. The sandbox has a network of its own with nothing but a loopback. A small
 * process enters it before the program begins, listens there, passes the listening socket to the runner, and ends. So nothing of the proxy is in the
 * sandbox, and no other program can reach it. Whoever asks the runner for a destination decides; the runner connects to the addresses of the answer only.
 *
 * The runner loads this module for programs with a network only. It imports no other module of Weft, so that it can start from its source.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { createServer, type IncomingMessage, request as send, type Server as HttpServer, type ServerResponse } from "node:http";
import { connect, type Server, type Socket } from "node:net";

/** What the program wants to reach. */
export interface NetworkTarget {
  /** As it is compared: in lower case, without brackets and without the dot of the root. */
  readonly host: string;
  readonly port: number;
  /** Whether it asks for a tunnel (CONNECT), which is for TLS. */
  readonly isTunnel: boolean;
  /** As the program has written it. */
  readonly written: string;
}

/** The rule that refuses a target: of the profile, of the installation, or of the proxy. */
export type NetworkRule = "domains" | "outbound" | "network";

export interface NetworkRefusal {
  readonly rule: NetworkRule;
  readonly message: string;
}

/** Addresses that have been checked, a refusal, or neither: the host is unknown. */
export type NetworkAnswer =
  | { readonly kind: "allowed"; readonly addresses: readonly string[]; readonly isTlsOnly: boolean }
  | ({ readonly kind: "refused" } & NetworkRefusal)
  | { readonly kind: "unreachable"; readonly message: string };

export interface NetworkLimits {
  /** Connections of the program at the same time. */
  readonly connections: number;
  /** Requests and tunnels of the program. */
  readonly calls: number;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** Time for the header of a request, and without any byte on a connection. */
  readonly idleMs: number;
}

/** How a runner enters the network of a sandbox. */
export interface NetworkTask {
  /** `nsenter`, as the user that has started the sandbox. */
  readonly enter: readonly string[];
  /** Descriptor at which bubblewrap waits before it starts the program. */
  readonly blockDescriptor: number;
  readonly port: number;
  readonly limits: NetworkLimits;
}

interface NetworkOptions {
  readonly limits: NetworkLimits;
  /** Asks for the addresses of a target. */
  readonly ask: (target: NetworkTarget) => Promise<NetworkAnswer>;
  /** Is told what the proxy itself refuses. */
  readonly onRefused: (written: string, refusal: NetworkRefusal) => void;
}

/** Time for the socket in the sandbox. */
const LISTEN_MS = 20_000;
const CONNECT_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
/** Refusals of one program that are told. */
const MAX_TOLD = 100;
/** Addresses of a host that are tried. */
const MAX_ADDRESSES = 4;
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

/**
 * Runs in the network of the sandbox, as the user that has started it, before the program begins. Bubblewrap can be about to start the loopback. The
 * buffers of its sockets become as small as the runner counts them.
 */
const LISTENER = `const { writeFileSync } = require("node:fs");
for (const name of ["tcp_rmem", "tcp_wmem"]) writeFileSync("/proc/sys/net/ipv4/" + name, "4096 16384 65536");
process.once("disconnect", () => process.exit(1));
const server = require("node:net").createServer();
server.on("error", (error) => {
  if (error.code !== "EADDRNOTAVAIL") throw error;
  setTimeout(() => server.listen(Number(process.argv[1]), "127.0.0.1"), 5);
});
server.once("listening", () => process.send("listening", server, () => process.exit(0)));
server.listen(Number(process.argv[1]), "127.0.0.1");`;

/**
 * Listens in the network of a sandbox.
 * @param sandbox the process in whose user namespace the network was created, and the ID of the first process of the sandbox
 */
export async function listenInside(
  { enter, port }: Pick<NetworkTask, "enter" | "port">,
  sandbox: { readonly creator: ChildProcess; readonly first: number },
): Promise<Server> {
  const [command, ...given] = [
    ...enter,
    "--preserve-credentials",
    `--user=/proc/${sandbox.creator.pid}/ns/user`,
    `--net=/proc/${sandbox.first}/ns/net`,
    "--",
    // The user cannot always find Node.js by its path, for example in a home. An open file needs none.
    "/proc/self/fd/4",
    "-e",
    LISTENER,
    String(port),
  ];
  const node = openSync(process.execPath, "r");
  const child = spawn(command, given, { cwd: "/", env: {}, stdio: ["ignore", "ignore", "inherit", "ipc", node] });
  closeSync(node);
  const end = (): void => void child.kill("SIGKILL");
  const late = setTimeout(end, LISTEN_MS);
  sandbox.creator.once("exit", end);
  try {
    return await listenerOf(child);
  } finally {
    clearTimeout(late);
    sandbox.creator.removeListener("exit", end);
  }
}

function listenerOf(child: ChildProcess): Promise<Server> {
  return new Promise((resolve, reject) => {
    child.once("message", (_message, listener) => resolve(listener as Server));
    child.once("error", reject);
    child.once("exit", () => reject(new Error("The network of the sandbox could not be entered.")));
  });
}

/** The proxy of one program. */
export class ProgramProxy {
  readonly #server: HttpServer;
  readonly #limits: NetworkLimits;
  readonly #ask: NetworkOptions["ask"];
  readonly #onRefused: NetworkOptions["onRefused"];
  readonly #sockets = new Set<Socket>();
  #calls = 0;
  #sentBytes = 0;
  #receivedBytes = 0;
  #refusals = 0;

  constructor({ limits, ask, onRefused }: NetworkOptions) {
    this.#limits = limits;
    this.#ask = ask;
    this.#onRefused = onRefused;
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
      this.#tunnel(incoming, client, head).catch(() => client.destroy());
    });
    this.#server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
      this.#forward(incoming, response).catch(() => response.destroy());
    });
  }

  listen(listener: Server): void {
    this.#server.listen(listener);
  }

  /** Sockets of the proxy that are in the network of the sandbox. */
  get ownSockets(): number {
    return this.#sockets.size + 1;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  async #tunnel({ url = "" }: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    const end = (status: string, text: string): void => {
      const body = `${text}\n`;
      const headers = ["Connection: close", "Content-Type: text/plain; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`];
      client.end([`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n"));
    };
    const target = targetOfTunnel(url);
    if (!target) return end("400 Bad Request", "The target of CONNECT must be a host and a port.");
    const answer = await this.#answer(target);
    if (answer.kind === "refused") return end("403 Forbidden", `Refused by the rule ${answer.rule}: ${answer.message}`);
    if (answer.kind === "unreachable") return end("502 Bad Gateway", answer.message);
    const upstream = await connectToOne(answer.addresses, target.port).catch(() => null);
    if (!upstream) return end("502 Bad Gateway", "The connection failed.");
    for (const socket of [client, upstream]) socket.setTimeout(this.#limits.idleMs, () => socket.destroy());
    client.once("close", () => upstream.destroySoon());
    upstream.once("close", () => client.destroySoon());
    if (client.destroyed) return void upstream.destroy();
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    const first = head.length > 0 ? head : await firstBytesOf(client);
    if (first === null) return void upstream.destroy();
    if (answer.isTlsOnly && first[0] !== TLS_HANDSHAKE) {
      this.#refuse(target, { rule: "outbound", message: "Tunnels to this host are for TLS only." });
      upstream.destroy();
      return void client.destroy();
    }
    this.#count(target, "sent", first.length);
    upstream.write(first);
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
    const answer = await this.#answer(target);
    if (answer.kind === "refused") return end(403, `Refused by the rule ${answer.rule}: ${answer.message}`);
    if (answer.kind === "unreachable") return end(502, answer.message);
    const upstream = await connectToOne(answer.addresses, target.port).catch(() => null);
    if (!upstream) return end(502, "The connection failed.");
    upstream.setTimeout(this.#limits.idleMs, () => upstream.destroy());
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
    outgoing.once("response", (answered) => {
      response.writeHead(answered.statusCode ?? 502, passedOn(answered));
      answered.on("data", ({ length }: Buffer) => this.#count(target, "received", length));
      answered.once("error", () => response.destroy());
      answered.pipe(response);
    });
  }

  /** Asks about a target, unless the program has used up what it has. */
  async #answer(target: NetworkTarget): Promise<NetworkAnswer> {
    if (this.#isFull()) return this.#refuse(target, this.#fullness());
    if (this.#calls >= this.#limits.calls)
      return this.#refuse(target, { rule: "network", message: `A program has at most ${this.#limits.calls} calls.` });
    this.#calls++;
    return this.#ask(target);
  }

  #refuse({ written }: NetworkTarget, refusal: NetworkRefusal): NetworkAnswer {
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
): NetworkTarget {
  const host = hostname
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
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
