/**
 * Live: subscriptions over WebSocket and HTTP. `connections` admits clients and closes them, `streams` speaks the protocols over HTTP, `feeds` reads the
 * events of each tenant once per gateway, and `subscriptions` answers each event with a query. This folder never decides what a viewer can see: the query
 * does, with the viewer's current rights.
 */
import type { IncomingMessage, Server as HttpServer } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Config, Keys } from "@weft/platform/config";
import { networkOf, turnOf } from "@weft/platform/fairness";
import { contained, type Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import { handleProtocols } from "graphql-ws";
import type { Server } from "graphql-ws";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { SessionCookies } from "../cookies/session-cookies.js";
import type { Executor } from "../executor.js";
import { createClientAddress } from "../http/requests/client-address.js";
import { connectionIsSocket } from "../http/connections.js";
import { createCommonHeaders } from "../http/common-headers.js";
import { hostOf } from "../http/hosts.js";
import type { HostCheck } from "../http/hosts.js";
import type { OriginCheck } from "../http/origins/origins.js";
import type { Metrics } from "../metrics.js";
import type { UnsentAnswers } from "../http/unsent-answers.js";
import { isAcceptedKey } from "../viewer/token.js";
import type { Viewers } from "../viewer/viewers.js";
import { closeCodes } from "./connections/close-codes.js";
import { Connection } from "./connections/connection.js";
import { CappedCounts } from "./connections/counts.js";
import { createEventExecution } from "./subscriptions/event-execution.js";
import { Reloads } from "./subscriptions/reloads.js";
import { Topics } from "./subscriptions/topic.js";
import type { Feeds } from "./feeds/feeds.js";
import { Pings } from "./connections/ping.js";
import { createSocketProtocol, Protocol } from "./protocol.js";
import type { ProtocolOptions } from "./options.js";
import { Heartbeats } from "./streams/heartbeats.js";
import { LiveStreams } from "./streams/live-streams.js";
import { Socket } from "./connections/socket.js";
import { SessionChecks } from "./connections/session-checks.js";

export interface LiveServerOptions extends Pick<
  ProtocolOptions,
  | "executor"
  | "rate"
  | "stored"
  | "consistency"
  | "planning"
  | "pace"
  | "authenticate"
  | "sessionConnections"
  | "anonymous"
  | "liveFields"
  | "sharingOf"
  | "logs"
  | "allowIntrospection"
  | "allowHints"
  | "maxResponseBytes"
  | "metrics"
  | "logOperation"
  | "fieldUses"
  | "flags"
> {
  /** Runs the queries of events, which have their own concurrency limit. */
  readonly eventExecutor: Pick<Executor, "execute">;
  /** Schemas of their own, by path. */
  readonly variants: Readonly<Record<string, LiveVariant>>;
  readonly config: Config;
  readonly log: Logger;
  readonly pubsub: PubSub;
  readonly viewers: Viewers;
  readonly keys: Keys;
  readonly feeds: Feeds;
  /** Shared with HTTP. */
  readonly unsent: UnsentAnswers;
  readonly isHostAllowed: HostCheck;
  readonly isOriginAllowed: OriginCheck;
  readonly cookies: Pick<SessionCookies, "isOwnPage" | "tokensOf">;
}

/** Another schema with the same subscriptions. */
export interface LiveVariant extends Pick<ProtocolOptions, "executor" | "prepareDocument" | "flag"> {
  readonly eventExecutor: Pick<Executor, "execute">;
}

/** The live side of the gateway. */
export interface LiveServer {
  /** Handles the upgrade requests of an HTTP server. */
  attach(server: HttpServer): void;
  /** Subscriptions over HTTP. */
  readonly streams: LiveStreams;
  /**
   * Call when the supergraph has been replaced. Subscriptions go on if they can; otherwise their clients are told to reconnect. Resolves when all were checked.
   */
  reloaded(): Promise<void>;
  /** Tells every client to reconnect elsewhere, and accepts no new ones. */
  drain(): void;
  stop(): Promise<void>;
}

export async function createLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { config, log, pubsub, viewers, feeds, metrics, isHostAllowed, isOriginAllowed } = options;
  const { limits, requestTimeoutMs } = config;
  const connections = new Set<Connection>();
  const byAddress = new CappedCounts(limits.socketsPerAddress);
  const clientAddress = createClientAddress(config.trustedProxies);
  let subscriptions = 0;
  let isDraining = false;
  const topics = new Topics();
  const reloads = new Reloads(options);
  const executeMirror = createEventExecution({ timeoutMs: requestTimeoutMs, onEvent: () => metrics.eventExecuted() });
  const shared = {
    ...options,
    limits,
    requestTimeoutMs,
    topics,
    reloads,
    byUser: new CappedCounts(limits.socketsPerUser),
    byTenant: new CappedCounts(limits.socketsPerTenant),
    onSubscriptions: (change: 1 | -1) => metrics.subscriptionsAre((subscriptions += change)),
  };
  const protocols = new Map<string, Protocol>();
  const socketProtocols = new Map<string, Server<Connection>>();
  for (const [path, { eventExecutor, ...variant }] of Object.entries({ "/graphql": options, ...options.variants })) {
    const protocolOptions = { ...shared, ...variant, executeMirror: executeMirror(eventExecutor) };
    const protocol = new Protocol(protocolOptions);
    protocols.set(path, protocol);
    socketProtocols.set(path, createSocketProtocol(protocol, protocolOptions));
  }
  // No compression: it costs 300 kB per socket, and a compressed message could be a decompression bomb.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 256 * 1024,
    perMessageDeflate: false,
    handleProtocols: (offered) => handleProtocols(offered),
  });
  const allFeeds = new Set([feeds, ...Object.values(options.logs).map((log) => log.feeds)]);
  for (const each of allFeeds) await each.start(pubsub);
  const checks = new SessionChecks({ connections, viewers, log });
  const pings = new Pings();
  const heartbeats = new Heartbeats();
  const acceptsKey = (kid: string | undefined): boolean => isAcceptedKey(options.keys, kid);
  const streams = new LiveStreams({
    ...shared,
    connections,
    protocols,
    byAddress,
    heartbeats,
    checks,
    isAcceptedKey: acceptsKey,
    isDraining: () => isDraining,
    commonHeaders: createCommonHeaders(config),
  });
  viewers.onRevocation((revocation) => checks.onRevocation(revocation));
  const removeReconnectHandler = pubsub.onReconnect(() => checks.doubtAll());

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const onError = contained("a failed connection", () => void stream.destroy());
    stream.on("error", onError);
    if (!isHostAllowed(hostOf(request))) return refuse(stream, 421);
    const protocol = socketProtocols.get(request.url?.split("?")[0] ?? "");
    if (!protocol) return refuse(stream, 404);
    if (isDraining) return refuse(stream, 503);
    if (!isOriginAllowed(request.headers.origin, request.headers.host)) return refuse(stream, 403);
    const address = clientAddress(request);
    const network = networkOf(address);
    if (!byAddress.take(network)) return refuse(stream, 429);
    let isCounted = true;
    const release = (): void => {
      if (isCounted) byAddress.release(network);
      isCounted = false;
    };
    const onClose = contained("the end of a socket", release);
    stream.once("close", onClose);
    // Sockets have a limit per user of their own.
    const onOwner = (): void => {
      release();
      connectionIsSocket(request.socket);
    };
    sockets.handleUpgrade(request, stream, head, (socket) =>
      open(socket, request, address, {
        protocol,
        connections,
        metrics,
        viewers,
        isAcceptedKey: acceptsKey,
        checks,
        pings,
        unsent: options.unsent,
        cookies: options.cookies,
        onOwner,
      }),
    );
  }

  return {
    attach: (server) =>
      void server.on(
        "upgrade",
        contained("opening a socket", upgrade, (_request, stream) => stream.destroy()),
      ),
    streams,
    reloaded: () => reloads.reloaded(),
    drain: () => {
      isDraining = true;
      for (const { socket } of connections) socket.closeFor(closeCodes.restart);
    },
    stop: async () => {
      checks.stop();
      pings.stop();
      heartbeats.stop();
      removeReconnectHandler();
      topics.stop();
      for (const client of sockets.clients) client.terminate();
      await Promise.all([...allFeeds].map((each) => each.stop()));
    },
  };
}

interface OpenOptions {
  readonly protocol: Server<Connection>;
  readonly connections: Set<Connection>;
  readonly metrics: Metrics;
  readonly viewers: Viewers;
  readonly isAcceptedKey: (kid: string | undefined) => boolean;
  readonly checks: SessionChecks;
  readonly pings: Pings;
  readonly unsent: UnsentAnswers;
  readonly cookies: LiveServerOptions["cookies"];
  readonly onOwner: (userId: string) => void;
}

function open(
  socket: WebSocket,
  request: IncomingMessage,
  address: string,
  { protocol, connections, metrics, viewers, isAcceptedKey, checks, pings, unsent, cookies, onOwner }: OpenOptions,
): void {
  const adapter = new Socket(socket, {
    stream: request.socket,
    account: turnOf({ viewer: null, address }),
    unsent,
    onClosing: (code) => metrics.socketClosed(code),
  });
  const userAgent = request.headers["user-agent"]?.slice(0, 300) ?? null;
  // Any page can open a socket, and the browser adds the cookies. A page cannot forge its origin.
  const cookieToken = cookies.isOwnPage(request.headers) ? cookies.tokensOf(request.headers).access : undefined;
  const connection = new Connection({ socket: adapter, address, userAgent, cookieToken, viewers, isAcceptedKey, checks, onOwner });
  connections.add(connection);
  metrics.socketOpened();
  const closed = protocol.opened(adapter, connection);
  const stopPings = pings.add(socket, request.socket);
  const onError = contained("a failed socket", () => adapter.close(4400, "Invalid message received"));
  const onClose = contained("the end of a socket", (code: number, reason: Buffer) => {
    stopPings();
    adapter.gone();
    connections.delete(connection);
    metrics.socketEnded();
    void closed(code, String(reason)).catch(() => undefined);
    for (const end of connection.onClosed) end();
  });
  socket.on("error", onError).once("close", onClose);
}

function refuse(stream: Duplex, status: number): void {
  const retryAfter = status === 429 ? "Retry-After: 5\r\n" : "";
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${retryAfter}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
