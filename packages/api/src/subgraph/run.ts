import { collectDefaultMetrics, Registry } from "prom-client";
import {
  changedKeys,
  type Config,
  type FollowedSecrets,
  followKeys,
  openConfig,
  openKeys,
  reportingUnreadKeys,
  withDatabaseUrls,
} from "@weft/platform/config";
import { openConfiguredDatabases } from "@weft/platform/db";
import { createLogger, endOnUnhandled, outliveOutput, runMain } from "@weft/platform/logging";
import { personKeyring } from "@weft/platform/privacy";
import { inProcessPubSub, redisPubSub } from "@weft/platform/pubsub";
import { masterKeys, tenantSecrets } from "@weft/platform/secrets";
import type { Services } from "@weft/platform/services";
import { createSecretMetrics } from "../secret-metrics/secret-metrics.js";
import type { Subgraph } from "./define-subgraph.js";
import { serveSubgraph } from "./serve.js";

/** Services that `closeServices` closes. */
export interface OpenedServices extends Services {
  /** Ends looking for changes of the keys and of other secrets. */
  readonly endFollowing: () => Promise<void>;
}

/** A process whose services are open and that serves requests. */
export interface Served {
  /** URL on which it listens. */
  readonly url: string;
  /** Stops accepting new work and completes current work. */
  drain(): Promise<void>;
}

interface SubgraphProcess {
  /** Opens what the subgraph needs in addition to the services. The returned function closes it. */
  readonly prepare?: (services: Services) => Promise<() => Promise<void>>;
  /** Metrics of the subgraph, which are exported with those of Node.js. */
  readonly metrics?: Registry;
}

/** Runs a subgraph as its own process. The `main.ts` of each subgraph calls this function. */
export function runSubgraph(subgraph: Subgraph, { prepare, metrics: own }: SubgraphProcess = {}): Promise<void> {
  return runProcess(`subgraph ${subgraph.name}`, async (services) => {
    const end = await prepare?.(services);
    const ofNode = new Registry();
    collectDefaultMetrics({ register: ofNode });
    const ofSecrets = createSecretMetrics(services.config.secretChanges);
    const metrics = Registry.merge([ofNode, ofSecrets, ...(own === undefined ? [] : [own])]);
    const served = await serveSubgraph(subgraph, services, { port: services.config.subgraphPort, host: services.config.host, metrics });
    return { url: served.url, drain: () => served.drain().finally(end) };
  });
}

/**
 * Runs a process of the distributed mode: reads the environment, opens the services, starts, and drains on SIGTERM or SIGINT. `runMain` reports a
 * failed start.
 */
export function runProcess(name: string, start: (services: Services) => Promise<Served>): Promise<void> {
  return runMain(async () => {
    outliveOutput();
    const services = await openServices(process.env);
    drainWhenTold(name, services, await start(services));
  });
}

function drainWhenTold(name: string, services: OpenedServices, served: Served): void {
  const { config, log } = services;
  log.info({ process: name, url: served.url }, "listening");
  const stop = async (signal: string) => {
    log.info({ process: name, signal }, "draining");
    // Draining has its own time limit. This one applies if something hangs afterwards.
    const forced = setTimeout(() => process.exit(1), config.drainTimeoutMs + 5_000);
    await served.drain();
    await closeServices(services);
    clearTimeout(forced);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
  endOnUnhandled(log);
}

/**
 * Opens the services of a process according to its environment.
 * @throws ConfigError, and the errors of `openDatabases`, each with advice
 */
export async function openServices(env: Readonly<Record<string, string | undefined>>): Promise<OpenedServices> {
  const { config, secrets } = await openConfig(env);
  try {
    return await openWithSecrets(config, secrets);
  } catch (error) {
    // The server of secrets deletes what it has created for this start.
    await secrets.stop();
    throw error;
  }
}

async function openWithSecrets(plain: Config, secrets: FollowedSecrets): Promise<OpenedServices> {
  const log = createLogger(plain);
  secrets.start(log);
  const source = changedKeys(plain, reportingUnreadKeys(log));
  const keys = await openKeys(plain);
  const config = withDatabaseUrls(plain, keys);
  const followed = followKeys(keys, source, { log });
  const master = masterKeys(keys, followed.changed);
  const onError = (error: unknown) => log.warn({ err: error }, "pub/sub is disrupted");
  const endFollowing = async (): Promise<void> => {
    followed.stop();
    await secrets.stop();
  };
  const pubsub =
    config.redisUrl === undefined
      ? inProcessPubSub({ onError })
      : await redisPubSub(config.redisUrl, `${config.redisPrefix}:`, { onError, changes: config.secretChanges });
  try {
    return {
      config,
      keys,
      log,
      pubsub,
      databases: await openConfiguredDatabases(config, keys),
      keyring: personKeyring(master),
      secrets: tenantSecrets(master),
      endFollowing,
    };
  } catch (error) {
    followed.stop();
    await pubsub.close();
    throw error;
  }
}

/** Closes the services that `openServices` opened. */
export async function closeServices({ pubsub, databases, endFollowing }: OpenedServices): Promise<void> {
  await pubsub.close();
  await databases.close();
  // Last: the server of secrets may delete what the connections were opened with.
  await endFollowing();
}
