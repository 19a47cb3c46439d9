import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { eventCursors, forgetConfigurationBy, liveFields as sharedLiveFields, StartRefused } from "@weft/shared";
import type { Config, Databases, EventEnvelope, Keys, Logger, PubSub } from "@weft/shared";
import type { FastifyInstance } from "fastify";
import { startExecutor } from "./executor.js";
import type { ExampleOperation } from "./explorer/example-operations.js";
import { createFederatedGateway } from "./federation/federation.js";
import { fieldsWithoutLogin } from "./federation/open-fields.js";
import { databaseCheck, pubsubCheck, relayCheck, subgraphCheck } from "./health.js";
import type { HealthCheck } from "./health.js";
import { createApp } from "./http/app.js";
import { createHostCheck } from "./http/hosts.js";
import { createManagementApp } from "./http/management.js";
import { type InProcessFetch, inProcessFetch } from "./http/in-process-fetch.js";
import { createOriginCheck } from "./http/origins.js";
import { UnsentAnswers } from "./http/unsent-answers.js";
import { Feeds } from "./live/feeds.js";
import type { LiveFields } from "./live/live-fields.js";
import { withAdmission } from "./limits/admission.js";
import { Planning } from "./limits/planning.js";
import { createAnonymous } from "./limits/anonymous.js";
import { createCounters } from "./limits/counters.js";
import { countingOperations, createOperationRate } from "./limits/operation-rate.js";
import { RefusalPace } from "./limits/refusal-pace.js";
import { createOperationLog } from "./operation-log.js";
import { takingLiveCursors } from "./live/live-cursor.js";
import { createLiveServer } from "./live/server.js";
import { createMetrics } from "./metrics.js";
import { withNewSessions } from "./new-sessions/with-new-sessions.js";
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
  /** Longer answers are refused, over HTTP and WebSocket. Default: that of the configuration. */
  readonly maxResponseBytes?: number;
}

/** The edge of Weft: HTTP, WebSocket, the viewer, the limits, and the supergraph behind them. */
export interface Gateway {
  /** Once it listens; the port is the real one when the configuration says 0. */
  readonly url: string;
  /** Of the management port, once it listens; undefined where the configuration has none. */
  readonly managementUrl: string | undefined;
  listen(): Promise<void>;
  /** Answers a request of this process without a socket, as HTTP would. Works before `listen`: for what has to be done before anybody else may come. */
  readonly fetch: InProcessFetch;
  /** Tells sockets to come back elsewhere, takes no new request, lets those that run finish, and closes; what takes longer than the configured time is cut off. */
  drain(): Promise<void>;
}

/** Loads the supergraph and prepares everything but the port. Throws when a subgraph of the supergraph has no source. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, keys, log, databases, pubsub, subgraphs, supergraphSdl, explorer, checks = {}, liveFields = sharedLiveFields } = options;
  const { maxResponseBytes = config.limits.responseBytes } = options;
  const isDemo = config.mode === "demo";
  const metrics = createMetrics();
  const clients = await createClients(subgraphs, {
    keys,
    maxResponseBytes: config.limits.responseBytes,
    // Sooner than the operation's own deadline: else that fails as a whole, and the breaker never hears of it.
    timeoutMs: Math.min(config.subgraphTimeoutMs, config.requestTimeoutMs * 0.8),
    onFailure: (name, error) => {
      metrics.subgraphFailure(name);
      log.warn({ err: error, subgraph: name }, "A subgraph gave no usable answer.");
    },
  });
  const planning = new Planning();
  const gateway = createFederatedGateway({
    supergraphSdl,
    clients,
    maxFetchedBytes: 2 * config.limits.responseBytes,
    onFetch: (context) => planning.planned(context),
    onMessage: (level, message) => log[level](message),
  });
  const executor = await startExecutor({ gateway, limits: config.limits, allowIntrospection: isDemo, log });
  const counters = await createCounters({ config, log });
  const rate = createOperationRate(counters, { databases, pubsub, log });
  const anonymous = createAnonymous({
    openFields: fieldsWithoutLogin(supergraphSdl),
    allowIntrospection: isDemo,
    counters,
    limits: config.limits,
  });
  const viewers = new Viewers({ auth: databases.auth, log });
  await viewers.start(pubsub);
  const authenticate = createAuthenticate(await createTokenVerifier(keys), viewers);
  const planned = takingLiveCursors(planning.over(executor), databases.app);
  const admitting = withAdmission(withNewSessions(planned, { authenticate, planning, limits: config.limits }), {
    limits: config.limits,
    onWaiting: (count) => metrics.operationsWaitingAre(count),
  });
  const pace = new RefusalPace(config.limits.refusalsPerSecond);
  const isOriginAllowed = createOriginCheck(config, log);
  // A tenant's clients can be slow with some of the longest answers at once.
  const unsent = new UnsentAnswers(4 * config.limits.responseBytes);
  const logOperation = createOperationLog({ log, hasReasons: isDemo });
  const isHostAllowed = createHostCheck(config, log);
  const live = await createLiveServer({
    config,
    log,
    pubsub,
    viewers,
    feeds: new Feeds({ database: databases.app, log, onEvent: dropCachesBy(viewers, options) }),
    executor: admitting,
    eventExecutor: planning.over(executor),
    rate,
    planning,
    pace,
    authenticate,
    anonymous,
    liveFields,
    unsent,
    cursors: eventCursors(keys),
    allowIntrospection: isDemo,
    maxResponseBytes,
    metrics,
    logOperation,
    isHostAllowed,
    isOriginAllowed,
  });
  const health: Readonly<Record<string, HealthCheck>> = {
    database: databaseCheck(databases.health),
    pubsub: pubsubCheck(pubsub),
    relay: await relayCheck(pubsub),
    ...Object.fromEntries([...clients.values()].map((client) => [`subgraph ${client.name}`, subgraphCheck(client)])),
    ...checks,
  };
  const { management: managed } = config;
  const management = managed && createManagementApp({ config, log, checks: health, metrics });
  const app = await createApp({
    config,
    keys,
    log,
    metrics,
    logOperation,
    executor: countingOperations(admitting, rate),
    pace,
    authenticate,
    anonymous,
    isHostAllowed,
    isOriginAllowed,
    // Production shows nobody what it is made of: with no port of their own they are nowhere.
    hasManagement: isDemo && management === undefined,
    limits: config.limits,
    requestTimeoutMs: config.requestTimeoutMs,
    maxResponseBytes,
    unsent,
    // Without introspection it would show nothing, and the example variables name people of the demo.
    explorer: isDemo ? explorer : explorer && "plain",
    checks: health,
  });
  live.attach(app.server);
  let url = "";
  let managementUrl: string | undefined;
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
    await management?.close();
    await viewers.stop();
    counters.close();
    await executor.stop();
    await Promise.all([...clients.values()].map((client) => client.close()));
  }

  return {
    get url() {
      return url;
    },
    get managementUrl() {
      return managementUrl;
    },
    listen: async () => {
      // First: a probe of the public port shall not find a process that is about to end because of the other one.
      if (management && managed) managementUrl = await listenAt(management, managed, ["WEFT_MANAGEMENT_PORT", "WEFT_MANAGEMENT_HOST"]);
      url = await listenAt(app, config, ["PORT", "HOST"]);
    },
    fetch: inProcessFetch(app),
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

/** Listens and gives the address as a URL. `settings`: the names of port and host. @throws StartRefused, when nobody can listen there */
async function listenAt(
  app: FastifyInstance,
  { port, host }: { readonly port: number; readonly host: string },
  settings: readonly [string, string],
): Promise<string> {
  await app.listen({ port, host }).catch((error: unknown) => {
    throw listenRefusal(error, `${host}:${port}`, settings) ?? error;
  });
  if (!app.server.listening) await once(app.server, "listening");
  const { address, family, port: given } = app.server.address() as AddressInfo;
  const name = address === "0.0.0.0" || address === "::" ? "localhost" : family === "IPv6" ? `[${address}]` : address;
  return `http://${name}:${given}`;
}

/** Why nobody can listen there, as a sentence that says what to do. */
function listenRefusal(error: unknown, where: string, [port, host]: readonly [string, string]): StartRefused | undefined {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Another program listens on ${where}. Stop it, or set ${port} to a free port.`,
    EACCES: `This user may not listen on ${where}. Set ${port} to a port from 1024 up.`,
    EADDRNOTAVAIL: `This machine has no address for ${where}. Set ${host} to one that it has, or to 0.0.0.0.`,
    ENOTFOUND: `There is no address for ${where}. Set ${host} to an address of this machine, or to 0.0.0.0.`,
  };
  const reason = reasons[String((error as { code?: unknown }).code)];
  return reason === undefined ? undefined : new StartRefused(reason, { isFinal: true, cause: error });
}
