import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Config, Keys } from "@weft/platform/config";
import { forgetConfigurationBy } from "@weft/platform/configuration";
import type { Databases } from "@weft/platform/db";
import { clamd, type FileStorage, openFileStorage } from "@weft/platform/files";
import { type FlagProvider, type Flags, openFlags } from "@weft/platform/flags";
import { contained, type Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import type { Services } from "@weft/platform/services";
import { type Counters, createCounters } from "@weft/api/limits";
import { createSecretMetrics } from "@weft/api/secret-metrics";
import { eventCursors, liveFields as sharedLiveFields } from "@weft/api/live";
import type { FastifyInstance } from "fastify";
import type { GraphQLSchema } from "graphql";
import { Registry } from "prom-client";
import { Consistency } from "./consistency/consistency.js";
import { CountedOccurrences } from "./audit/counted-occurrences.js";
import { recordingAnswers } from "./audit/recording-answers.js";
import { startBackgroundOperations } from "./background-operations.js";
import { createClientOperations } from "./client-operations.js";
import { startExecutor } from "./executor.js";
import type { ExampleOperation } from "./explorer/example-operations.js";
import { rootFieldAreas } from "./federation/root-field-areas.js";
import { costsIn } from "./federation/declared-costs.js";
import { createFederation, type FederationOptions } from "./federation/federation.js";
import { revealedSupergraph } from "./federation/gateway-only.js";
import { keptForLast } from "./federation/kept-for-last.js";
import { Planner } from "./federation/planning/planner.js";
import { fieldsWithoutLogin } from "./federation/tagged-fields.js";
import { viewerIndependentFields } from "./federation/viewer-independent-fields.js";
import { deprecatableAt } from "./field-usage/deprecations.js";
import { FieldUses } from "./field-usage/field-uses.js";
import { switchedBy } from "./flags/switched.js";
import { databaseCheck, flagsCheck, pubsubCheck, relayCheck, scannerCheck, secretsCheck, storageCheck, subgraphCheck } from "./health.js";
import type { HealthCheck } from "./health.js";
import { createApp } from "./http/app.js";
import { createHostCheck } from "./http/hosts.js";
import { closeWithin, listenAt } from "./http/listen.js";
import { createManagementApp } from "./http/management.js";
import { type InProcessFetch, inProcessFetch } from "./http/in-process-fetch.js";
import type { RefusalOfChanges } from "./refusing-changes.js";
import { createOriginCheck } from "./http/origins/origins.js";
import { UnsentAnswers } from "./http/unsent-answers.js";
import { feedSources } from "./live/feeds/feed-source.js";
import { Feeds } from "./live/feeds/feeds.js";
import type { LiveFields } from "./live/subscriptions/live-fields.js";
import { sharingPermissions } from "./live/subscriptions/sharing-permissions.js";
import { declareCosts } from "./limits/cost.js";
import { Planning } from "./limits/planning.js";
import { countingOperations, createOperationRate } from "./limits/rates/operation-rate.js";
import { restrictingIntrospection } from "./limits/restricting-introspection.js";
import { RefusalPace } from "./limits/refusal-pace.js";
import { createOperationLog, type OperationLog } from "./operation-log.js";
import { SessionConnections } from "./live/connections/session-connections.js";
import { createLiveServer } from "./live/server.js";
import { Reservations } from "./live/streams/reservations.js";
import { StreamRequests } from "./live/streams/stream-requests.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { addRoutes } from "./routes.js";
import { startStoredOperations } from "./stored-operations/start-stored-operations.js";
import type { StoredOperations } from "./stored-operations/stored-operations.js";
import { createClients } from "./subgraphs/source.js";
import type { ReceivedWebhook } from "./receiver/receiver-page.js";
import type { SubgraphClient } from "./subgraphs/client.js";
import type { SubgraphSource } from "./subgraphs/source.js";
import { CurrentSupergraph, type Schemas } from "./supergraph/current-supergraph.js";
import { assertVariants, servedVariants } from "./variants/served-variants.js";
import { revokeBy } from "./viewer/revoke-by.js";
import { createSessionCookies } from "./cookies/session-cookies.js";
import { startAuthentication, type Authentication } from "./viewer/start-authentication.js";
import type { Viewers } from "./viewer/viewers.js";

export interface GatewayOptions extends Schemas {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly databases: Pick<Databases, "app" | "auth" | "health">;
  readonly pubsub: PubSub;
  readonly keyring: Services["keyring"];
  readonly secrets: Services["secrets"];
  readonly subgraphs: readonly SubgraphSource[];
  /** The landing page. Absent: no page. */
  readonly explorer?: { readonly operations: readonly ExampleOperation[] };
  /** Folder of the documentation site, which is served at `/docs/` if the configuration enables it. Absent: no site. It need not be built yet. */
  readonly docsSite?: string;
  /** Builds the documentation site if its pages have changed. Called when somebody opens it. Absent: somebody else builds it. */
  readonly buildDocs?: (() => void) | undefined;
  /** Folder of the console, which is served at `/console/` if the configuration enables it. Absent: no console. It need not be built yet. */
  readonly consoleSite?: string;
  /** Builds the console if its sources have changed. Called when somebody opens it. Absent: somebody else builds it. */
  readonly buildConsole?: (() => void) | undefined;
  /** Says why clients cannot change anything in a tenant now. Absent: they always can. */
  readonly refusalOfChanges?: RefusalOfChanges;
  /** Folder of the emails that a demo keeps instead of sending them. They are served at `/outbox`, in demo mode only. */
  readonly outbox?: string;
  /** What a demo's receiver of webhooks got, newest first. It is shown at `/receiver`, in demo mode only. */
  readonly receiver?: () => readonly ReceivedWebhook[];
  /** Counters of a worker in the same process. Absent: the gateway has its own. */
  readonly counters?: Counters;
  /** Metrics of a worker in the same process, which are served together with those of the gateway. */
  readonly workerMetrics?: Registry;
  /** Provider of feature flags to use instead of the files of the configuration. */
  readonly flagProvider?: FlagProvider | undefined;
  /** Additional checks for `/health/ready`, by name. */
  readonly checks?: Readonly<Record<string, HealthCheck>>;
  /** Subscriptions to use instead of Weft's own, for tests with their own schemas. */
  readonly liveFields?: LiveFields;
  /** Longer responses are refused, over HTTP and WebSocket. Default: the configured limit. */
  readonly maxResponseBytes?: number;
  /** Time in which the body of a request must arrive, except on routes for uploads. Default: 10 seconds. */
  readonly bodyTimeoutMs?: number;
}

/** The edge of Weft: HTTP, WebSocket, the viewer, the limits, and the supergraph behind them. */
export interface Gateway {
  /** The schema of the API, without what clients cannot use. */
  readonly schema: GraphQLSchema;
  /** The URL while listening. If the configured port is 0, it contains the actual port. */
  readonly url: string;
  /** The URL of the management port while listening. Undefined if no management port is configured. */
  readonly managementUrl: string | undefined;
  listen(): Promise<void>;
  /**
   * Answers a request of this process without a socket, exactly as over HTTP. Works before `listen`, for work that must be done before other clients
   * can connect.
   */
  readonly fetch: InProcessFetch;
  /** As `fetch`, but operations can also call what only the gateway calls. The tests of authorization use it: no route serves it. */
  readonly internalFetch: InProcessFetch;
  /**
   * Serves another supergraph from now on, without a restart. Operations that run end on the old one. Subscriptions go on; those whose fields have changed
   * are told to reconnect.
   * @throws if it is not valid, or has a subgraph without a source. Then nothing changes.
   */
  reload(schemas: Schemas): Promise<void>;
  /**
   * Tells sockets to reconnect elsewhere, accepts no new requests, lets running requests finish, and closes. Requests that exceed the configured time
   * are cut off.
   */
  drain(): Promise<void>;
}

/** Loads the supergraph and prepares everything except the port. Throws if a subgraph of the supergraph has no source. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, keys, log, databases, pubsub, liveFields = sharedLiveFields } = options;
  const { limits, requestTimeoutMs } = config;
  const isDemo = config.mode === "demo";
  const ofSecrets = createSecretMetrics(config.secretChanges);
  const metrics = createMetrics(options.workerMetrics === undefined ? ofSecrets : Registry.merge([options.workerMetrics, ofSecrets]));
  const clients = await connectSubgraphs(options, metrics);
  const planning = new Planning();
  const supergraph = await startSupergraph(options, { clients, planning, metrics });
  const executor = isDemo ? supergraph.executor : restrictingIntrospection(supergraph.executor, limits);
  const counters = options.counters ?? (await createCounters({ config, log }));
  const rate = createOperationRate({ counters, services: { databases, pubsub, log }, limits, metrics });
  const authentication = await startAuthentication({
    databases,
    pubsub,
    keys,
    log,
    counters,
    openFields: () => fieldsWithoutLogin(supergraph.schemas.supergraphSdl),
    limits,
    allowIntrospection: isDemo,
  });
  const flags = await openFlags({
    config,
    log,
    provider: options.flagProvider,
    onEvaluated: (flag) => metrics.flagEvaluated(flag),
  });
  const fieldUses = new FieldUses({
    app: databases.app,
    log,
    everyMs: config.fieldUsageSeconds * 1_000,
    deprecationOf: (coordinate) => deprecatableAt(executor.schema, coordinate)?.deprecationReason ?? undefined,
    onDropped: () => metrics.fieldUseDropped(),
  });
  const occurrences = new CountedOccurrences({
    services: { databases, pubsub, log, keyring: options.keyring },
    everyMs: config.auditSeconds * 1_000,
    onDropped: () => metrics.occurrenceDropped(),
  });
  const operations = createClientOperations({
    authenticate: authentication.authenticate,
    config,
    databases,
    executor,
    planning,
    counters,
    variants: servedVariants(config.apiVariants, () => supergraph.schemas),
    fieldUses,
    flags,
    refusalOfChanges: options.refusalOfChanges,
    onWaiting: (count) => metrics.operationsWaitingAre(count),
  });
  const stored = await startStoredOperations({
    config,
    databases,
    pubsub,
    log,
    metrics,
    consoleFolder: config.console === "on" ? options.consoleSite : undefined,
    allowIntrospection: isDemo,
  });
  const sessionConnections = new SessionConnections({ app: databases.app, log });
  const logOperation = recordingAnswers(createOperationLog({ log, hasReasons: isDemo }), occurrences, () => executor);
  const edge = edgeOf(options, { authentication, metrics, stored: stored.operations, logOperation });
  const sharingIn = keptForLast((schema: GraphQLSchema) =>
    sharingPermissions(schema, viewerIndependentFields(supergraph.schemas.supergraphSdl)),
  );
  const feeds = new Feeds({ database: databases.app, log, onEvent: dropCachesBy(authentication.viewers, options) });
  const auditFeeds = new Feeds({ database: databases.app, log, onEvent: () => undefined, source: feedSources.auditTrail });
  const live = await createLiveServer({
    ...edge,
    viewers: authentication.viewers,
    feeds,
    logs: {
      events: { feeds, cursors: eventCursors(keys) },
      auditTrail: { feeds: auditFeeds, cursors: eventCursors(keys, "auditTrail") },
    },
    executor: operations.executor,
    eventExecutor: operations.eventExecutor,
    variants: operations.variants,
    fieldUses,
    rate,
    planning,
    sessionConnections,
    flags,
    liveFields,
    sharingOf: (query) => sharingIn(executor.internalSchema)(query),
    allowIntrospection: isDemo,
    allowHints: isDemo,
  });
  supergraph.onReplaced(contained("checking subscriptions after a reload", () => live.reloaded()));
  const storage = await openFileStorage(config.files, log.child({ part: "files" }), config.secretChanges);
  const checks = { ...(await healthChecks(options, storage, [...clients.values()])), ...flagChecks(config, flags), ...options.checks };
  const management = config.management && createManagementApp({ config, log, checks, metrics, flags });
  const background = await startBackgroundOperations({
    config,
    databases,
    pubsub,
    secrets: options.secrets,
    log,
    counters,
    executor,
    planning,
    clientOperations: operations.withoutTurns,
    fieldUses,
    occurrences,
  });
  const app = await createApp({ ...edge, bodyTimeoutMs: options.bodyTimeoutMs ?? 10_000 });
  addRoutes(app, {
    ...edge,
    ...pagesOf(options, supergraph),
    databases,
    keyring: options.keyring,
    secrets: options.secrets,
    counters,
    storage,
    executor: countingOperations(operations.executor, rate, limits),
    restExecutor: switchedBy(countingOperations(operations.executor, rate, limits), "rest-api", flags),
    variants: Object.fromEntries(
      Object.entries(operations.variants).map(([path, variant]) => [
        path,
        { executor: countingOperations(variant.executor, rate, limits) },
      ]),
    ),
    // In production these details are not public: without a management port they are not available at all.
    streamRequests: new StreamRequests({ ...edge, limits, streams: live.streams, reservations: new Reservations(live.streams) }),
    hasManagement: isDemo && management === undefined,
    limits,
    requestTimeoutMs,
    checks,
  });
  live.attach(app.server);
  return servedBy({ app, management, config, supergraph, metrics }, async () => {
    live.drain();
    await closeWithin(app, config.drainTimeoutMs);
    await live.stop();
    await sessionConnections.stop();
    await background.stop();
    await fieldUses.stop();
    await occurrences.stop();
    await flags.close();
    await management?.close();
    await authentication.stop();
    await stored.stop();
    if (!options.counters) counters.close();
    storage.close();
    await executor.stop();
    await Promise.all([...clients.values()].map((client) => client.close()));
  });
}

interface Served {
  readonly app: FastifyInstance;
  readonly management: FastifyInstance | undefined;
  readonly config: Config;
  readonly supergraph: CurrentSupergraph;
  readonly metrics: Metrics;
}

/** The gateway of a server that is ready to listen. */
function servedBy({ app, management, config, supergraph, metrics }: Served, stop: () => Promise<void>): Gateway {
  let url = "";
  let managementUrl: string | undefined;
  let draining: Promise<void> | undefined;
  return {
    get schema() {
      return supergraph.executor.schema;
    },
    get url() {
      return url;
    },
    get managementUrl() {
      return managementUrl;
    },
    listen: async () => {
      // First: a probe of the public port must not find a process that is about to exit because the management port is unavailable.
      if (management && config.management)
        managementUrl = await listenAt(management, config.management, ["WEFT_MANAGEMENT_PORT", "WEFT_MANAGEMENT_HOST"]);
      url = await listenAt(app, config, ["PORT", "HOST"]);
    },
    fetch: inProcessFetch(app),
    internalFetch: inProcessFetch(app, { isInternal: true }),
    reload: async (schemas) => {
      try {
        if (await supergraph.reload(schemas)) metrics.supergraphReloaded("served");
      } catch (error) {
        metrics.supergraphReloaded("refused");
        throw error;
      }
    },
    drain: () => (draining ??= stop()),
  };
}

interface FederationParts {
  readonly clients: ReadonlyMap<string, SubgraphClient>;
  readonly planning: Planning;
  readonly metrics: Metrics;
}

/** Loads the supergraph, and others in its place when it is reloaded. */
function startSupergraph(
  { config, log, supergraphSdl, vendorPortalSdl }: GatewayOptions,
  { clients, planning, metrics }: FederationParts,
): Promise<CurrentSupergraph> {
  const { limits } = config;
  const onMessage: FederationOptions["onMessage"] = (level, message) => log[level](message);
  return CurrentSupergraph.start(
    { supergraphSdl, vendorPortalSdl },
    {
      load: async (schemas, { willReplace }) => {
        const planner = new Planner({ supergraphSdl: revealedSupergraph(schemas.supergraphSdl), onMessage });
        try {
          // While another supergraph serves, the event loop has no time for plans.
          if (willReplace) await planner.start();
          const federation = createFederation({
            supergraphSdl: schemas.supergraphSdl,
            clients,
            planner,
            maxFetchedBytes: 2 * limits.responseBytes,
            onFetch: (context) => planning.planned(context),
            onExecute: (by) => metrics.operationExecuted(by),
            onMessage,
          });
          const executor = await startExecutor({ federation, limits, allowHints: config.mode === "demo", log });
          await nextTurn();
          assertVariants(config.apiVariants, schemas.supergraphSdl, executor.schema);
          await nextTurn();
          for (const schema of [executor.schema, executor.internalSchema]) declareCosts(schema, costsIn(schemas.supergraphSdl));
          return executor;
        } catch (error) {
          await planner.close();
          throw error;
        }
      },
      operations: () => planning.known(),
      onReplaced: (planned) => planning.restart(planned),
      log,
    },
  );
}

interface EdgeParts {
  readonly authentication: Authentication;
  readonly metrics: Metrics;
  readonly stored: StoredOperations;
  readonly logOperation: OperationLog;
}

/** What HTTP and WebSocket share. */
function edgeOf(options: GatewayOptions, { authentication: { authenticate, anonymous }, metrics, stored, logOperation }: EdgeParts) {
  const { config, keys, log, pubsub } = options;
  const { limits } = config;
  return {
    config,
    keys,
    log,
    pubsub,
    authenticate,
    anonymous,
    metrics,
    stored,
    maxResponseBytes: options.maxResponseBytes ?? limits.responseBytes,
    pace: new RefusalPace(limits.refusalsPerSecond),
    isHostAllowed: createHostCheck(config, log),
    isOriginAllowed: createOriginCheck(config, log),
    cookies: createSessionCookies(config),
    // A tenant's clients can be slow to read several of the longest responses at the same time.
    unsent: new UnsentAnswers(4 * limits.responseBytes),
    consistency: new Consistency({ keys, database: options.databases.app, log, waitMs: config.consistencyWaitMs }),
    logOperation,
  };
}

/** The pages that this gateway serves alongside the API. */
function pagesOf({ config, ...options }: GatewayOptions, supergraph: CurrentSupergraph) {
  const { explorer, docsSite, buildDocs, consoleSite, buildConsole, outbox, receiver } = options;
  const isDemo = config.mode === "demo";
  return {
    // Without introspection the explorer would show nothing, and the example variables name demo users.
    explorer: explorer && (isDemo ? { ...explorer, areaOf: () => rootFieldAreas(supergraph.schemas.supergraphSdl) } : ("plain" as const)),
    docsSite: config.docs === "on" && docsSite !== undefined ? { folder: docsSite, build: buildDocs } : undefined,
    consoleSite: config.console === "on" && consoleSite !== undefined ? { folder: consoleSite, build: buildConsole } : undefined,
    restDescription: {
      areaOf: () => rootFieldAreas(supergraph.schemas.supergraphSdl),
      openFields: () => fieldsWithoutLogin(supergraph.schemas.supergraphSdl),
    },
    outbox: isDemo ? outbox : undefined,
    receiver: isDemo ? receiver : undefined,
  };
}

const connectSubgraphs = ({ config, keys, log, subgraphs }: GatewayOptions, metrics: Metrics): ReturnType<typeof createClients> =>
  createClients(subgraphs, {
    keys,
    maxResponseBytes: config.limits.responseBytes,
    // Shorter than the operation's own deadline. Otherwise the whole operation fails first, and the circuit breaker is never notified.
    timeoutMs: Math.min(config.subgraphTimeoutMs, config.requestTimeoutMs * 0.8),
    onFailure: (name, error) => {
      metrics.subgraphFailure(name);
      log.warn({ err: error, subgraph: name }, "a subgraph did not return a usable response");
    },
  });

/** Returns the checks of what the gateway depends on, by name. */
const healthChecks = async (
  { config, databases, pubsub }: GatewayOptions,
  storage: FileStorage,
  clients: readonly SubgraphClient[],
): Promise<Readonly<Record<string, HealthCheck>>> => ({
  "file storage": storageCheck(storage),
  ...(config.files.clamdUrl !== undefined && { "malware scanner": scannerCheck(clamd(config.files.clamdUrl)) }),
  database: databaseCheck(databases.health),
  pubsub: pubsubCheck(pubsub),
  relay: await relayCheck(pubsub),
  ...(config.secretChanges && { secrets: secretsCheck(config.secretChanges) }),
  ...Object.fromEntries(clients.map((client) => [`subgraph ${client.name}`, subgraphCheck(client)])),
});

const flagChecks = (config: Pick<Config, "flags">, flags: Flags): Readonly<Record<string, HealthCheck>> =>
  config.flags.file === undefined ? {} : { flags: flagsCheck(flags) };

/** In the order of the event log: a client that receives a change and queries again gets a response under the changed rights. */
function dropCachesBy(viewers: Viewers, services: Pick<GatewayOptions, "databases" | "pubsub" | "log">): (event: EventEnvelope) => void {
  const [revoke, forgetConfiguration] = [revokeBy(viewers), forgetConfigurationBy(services)];
  return (event) => {
    revoke(event);
    forgetConfiguration(event);
  };
}
