import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { eventCursors, forgetConfigurationBy, liveFields as sharedLiveFields, StartRefused } from "@weft/shared";
import type { Config, Databases, EventEnvelope, Keys, Logger, PubSub } from "@weft/shared";
import { startExecutor } from "./executor.js";
import type { ExampleOperation } from "./explorer/example-operations.js";
import { createFederatedGateway } from "./federation/federation.js";
import { databaseCheck, pubsubCheck, relayCheck, subgraphCheck } from "./health.js";
import type { HealthCheck } from "./health.js";
import { createApp } from "./http/app.js";
import { createOriginCheck } from "./http/origins.js";
import { Feeds } from "./live/feeds.js";
import type { LiveFields } from "./live/live-fields.js";
import { withAdmission } from "./limits/admission.js";
import { createOperationRate } from "./limits/operation-rate.js";
import { createLiveServer } from "./live/server.js";
import { createMetrics } from "./metrics.js";
import { createClients } from "./subgraphs/source.js";
import type { SubgraphSource } from "./subgraphs/source.js";
import { createAuthenticate } from "./viewer/authenticate.js";
import { createTokenVerifier } from "./viewer/token.js";
import { revokeBy } from "./viewer/revoke-by.js";
import { Viewers } from "./viewer/viewers.js";

export interface GatewayOptions {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly databases: Pick<Databases, "app" | "auth" | "health">;
  readonly pubsub: PubSub;
  readonly subgraphs: readonly SubgraphSource[];
  readonly supergraphSdl: string;
  /** The landing page; absent: none. */
  readonly explorer?: { readonly operations: readonly ExampleOperation[] };
  /** Further parts for `/health/ready`, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** Other subscriptions than Weft's own, for tests with schemas of their own. */
  readonly liveFields?: LiveFields;
  /** Longer answers are refused, over HTTP and WebSocket. Default: 16 MiB. */
  readonly maxResponseBytes?: number;
}

/** The edge of Weft: HTTP, WebSocket, the viewer, the limits, and the supergraph behind them. */
export interface Gateway {
  /** Once it listens; the port is the real one when the configuration says 0. */
  readonly url: string;
  listen(): Promise<void>;
  /** Tells sockets to come back elsewhere, takes no new request, lets those that run finish, and closes; what takes longer than the configured time is cut off. */
  drain(): Promise<void>;
}

/** Loads the supergraph and prepares everything but the port. Throws when a subgraph of the supergraph has no source. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, keys, log, databases, pubsub, subgraphs, supergraphSdl, explorer, checks = {}, liveFields = sharedLiveFields } = options;
  const { maxResponseBytes = 16 * 1024 * 1024 } = options;
  const isDemo = config.mode === "demo";
  const metrics = createMetrics();
  const clients = await createClients(subgraphs, {
    keys,
    // Sooner than the operation's own deadline: else that fails as a whole, and the breaker never hears of it.
    timeoutMs: Math.min(config.subgraphTimeoutMs, config.requestTimeoutMs * 0.8),
    onFailure: (name, error) => {
      metrics.subgraphFailure(name);
      log.warn({ err: error, subgraph: name }, "A subgraph gave no usable answer.");
    },
  });
  const gateway = createFederatedGateway({ supergraphSdl, clients, onMessage: (level, message) => log[level](message) });
  const executor = await startExecutor({ gateway, limits: config.limits, allowIntrospection: isDemo, log });
  const rate = await createOperationRate({ config, databases, pubsub, log });
  const admitting = withAdmission(executor, { limits: config.limits, rate, onWaiting: (count) => metrics.operationsWaitingAre(count) });
  const viewers = new Viewers({ auth: databases.auth, log });
  await viewers.start(pubsub);
  const authenticate = createAuthenticate(await createTokenVerifier(keys), viewers);
  const isOriginAllowed = createOriginCheck(config.corsOrigins, { allowSandbox: isDemo });
  const live = await createLiveServer({
    config,
    log,
    pubsub,
    viewers,
    feeds: new Feeds({ database: databases.app, log, onEvent: dropCachesBy(viewers, options) }),
    executor: admitting,
    eventExecutor: executor,
    rate,
    authenticate,
    liveFields,
    cursors: eventCursors(keys),
    allowIntrospection: isDemo,
    maxResponseBytes,
    metrics,
    isOriginAllowed,
  });
  const app = await createApp({
    config,
    keys,
    log,
    metrics,
    executor: admitting,
    authenticate,
    isOriginAllowed,
    limits: config.limits,
    requestTimeoutMs: config.requestTimeoutMs,
    maxResponseBytes,
    // Without introspection it would show nothing, and the example variables name people of the demo.
    explorer: isDemo ? explorer : explorer && "plain",
    checks: {
      database: databaseCheck(databases.health),
      pubsub: pubsubCheck(pubsub),
      relay: await relayCheck(pubsub),
      ...Object.fromEntries([...clients.values()].map((client) => [`subgraph ${client.name}`, subgraphCheck(client)])),
      ...checks,
    },
  });
  live.attach(app.server);
  let url = "";
  let draining: Promise<void> | undefined;

  async function drain(): Promise<void> {
    live.drain();
    const cutOff = setTimeout(() => app.server.closeAllConnections(), config.drainTimeoutMs);
    // Connections that were busy when the drain began are kept alive after their answer; nobody would close them otherwise.
    const idle = setInterval(() => app.server.closeIdleConnections(), 20);
    try {
      await app.close();
    } finally {
      clearTimeout(cutOff);
      clearInterval(idle);
    }
    await live.stop();
    await viewers.stop();
    rate.close();
    await executor.stop();
    await Promise.all([...clients.values()].map((client) => client.close()));
  }

  return {
    get url() {
      return url;
    },
    listen: async () => {
      await app.listen({ port: config.port, host: config.host }).catch((error: unknown) => {
        throw listenRefusal(error, `${config.host}:${config.port}`) ?? error;
      });
      if (!app.server.listening) await once(app.server, "listening");
      const { address, family, port } = app.server.address() as AddressInfo;
      const host = address === "0.0.0.0" || address === "::" ? "localhost" : family === "IPv6" ? `[${address}]` : address;
      url = `http://${host}:${port}`;
    },
    drain: () => (draining ??= drain()),
  };
}

/** By the event log, in its order: whoever is told of a change and asks again is answered under it. */
function dropCachesBy(viewers: Viewers, services: Pick<GatewayOptions, "databases" | "pubsub" | "log">): (event: EventEnvelope) => void {
  const [revoke, forgetConfiguration] = [revokeBy(viewers), forgetConfigurationBy(services)];
  return (event) => {
    revoke(event);
    forgetConfiguration(event);
  };
}

/** Why nobody can listen there, as a sentence that says what to do. */
function listenRefusal(error: unknown, where: string): StartRefused | undefined {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens on ${where}. Stop it, or set PORT to a free port.`,
    EACCES: `This user may not listen on ${where}. Set PORT to a port from 1024 up.`,
    EADDRNOTAVAIL: `This machine has no address for ${where}. Set HOST to one that it has, or to 0.0.0.0.`,
    ENOTFOUND: `There is no address for ${where}. Set HOST to an address of this machine, or to 0.0.0.0.`,
  };
  const reason = reasons[String((error as { code?: unknown }).code)];
  return reason === undefined ? undefined : new StartRefused(reason, { isFinal: true, cause: error });
}
