import { withDatabaseUrls } from "../config/database-urls.js";
import { loadKeys } from "../config/keys.js";
import { loadConfig } from "../config/load.js";
import type { Services } from "../context/services.js";
import { openDatabases } from "../db/open.js";
import { createLogger } from "../logging/logger.js";
import { runMain } from "../logging/run-main.js";
import { endOnUnhandled } from "../logging/unhandled.js";
import { personKeyring } from "../privacy/keyring.js";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { redisPubSub } from "../pubsub/redis.js";
import type { Subgraph } from "./define-subgraph.js";
import { serveSubgraph } from "./serve.js";

/** What a process does once its services are open. */
export interface Served {
  /** Where it listens. */
  readonly url: string;
  /** Takes no new work and finishes what runs. */
  drain(): Promise<void>;
}

/**
 * A subgraph as a process of its own. The `main.ts` of each subgraph is a call of this.
 * @param prepare what it needs beside the services; the answer ends that
 */
export function runSubgraph(subgraph: Subgraph, prepare?: (services: Services) => Promise<() => void>): Promise<void> {
  return runProcess(`subgraph ${subgraph.name}`, async (services) => {
    const end = await prepare?.(services);
    const served = await serveSubgraph(subgraph, services, { port: services.config.subgraphPort, host: services.config.host });
    return { url: served.url, drain: () => served.drain().finally(end) };
  });
}

/**
 * The life of a process of the distributed mode: reads the environment, opens what it needs, starts, and drains on SIGTERM or SIGINT. A start
 * that fails is told by `runMain`.
 */
export function runProcess(name: string, start: (services: Services) => Promise<Served>): Promise<void> {
  return runMain(async () => {
    const services = await openServices(process.env);
    drainWhenTold(name, services, await start(services));
  });
}

function drainWhenTold(name: string, services: Services, served: Served): void {
  const { config, log } = services;
  log.info({ process: name, url: served.url }, "listening");
  const stop = async (signal: string) => {
    log.info({ process: name, signal }, "draining");
    // What drains has a limit of its own; this is for what hangs after it.
    const forced = setTimeout(() => process.exit(1), config.drainTimeoutMs + 5_000);
    await served.drain();
    await closeServices(services);
    clearTimeout(forced);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
  endOnUnhandled(log);
}

/** The services of a process, by its environment. @throws ConfigError, and what `openDatabases` refuses, each with what to do */
export async function openServices(env: Readonly<Record<string, string | undefined>>): Promise<Services> {
  const plain = loadConfig(env);
  const keys = loadKeys(plain.keysFile, { create: plain.mode === "demo", mode: plain.mode });
  const config = withDatabaseUrls(plain, keys);
  const log = createLogger(config);
  const onError = (error: unknown) => log.warn({ err: error }, "pub/sub is disturbed");
  const pubsub =
    config.redisUrl === undefined
      ? inProcessPubSub({ onError })
      : await redisPubSub(config.redisUrl, `${config.redisPrefix}:`, { onError });
  try {
    return { config, keys, log, pubsub, databases: await openDatabases(config.database), keyring: personKeyring(keys.masterKey) };
  } catch (error) {
    await pubsub.close();
    throw error;
  }
}

/** Closes what `openServices` opened. */
export async function closeServices({ pubsub, databases }: Services): Promise<void> {
  await pubsub.close();
  await databases.close();
}
