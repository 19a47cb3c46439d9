import { withDatabaseUrls } from "../config/database-urls.js";
import { loadKeys } from "../config/keys.js";
import { loadConfig } from "../config/load.js";
import type { Services } from "../context/services.js";
import { openDatabases } from "../db/open.js";
import { createLogger } from "../logging/logger.js";
import { personKeyring } from "../privacy/keyring.js";
import { inProcessPubSub } from "../pubsub/in-process.js";
import { redisPubSub } from "../pubsub/redis.js";
import type { Subgraph } from "./define-subgraph.js";
import { serveSubgraph } from "./serve.js";

/**
 * A subgraph as a process of its own: reads the environment, opens what it needs, serves, and drains on SIGTERM or SIGINT.
 * The `main.ts` of each subgraph is a call of this.
 */
export async function runSubgraph(subgraph: Subgraph): Promise<void> {
  const services = await openServices(process.env);
  const { config, log } = services;
  const served = await serveSubgraph(subgraph, services, { port: config.subgraphPort, host: config.host });
  log.info({ subgraph: subgraph.name, url: served.url }, "the subgraph is listening");
  const stop = async (signal: string) => {
    log.info({ subgraph: subgraph.name, signal }, "the subgraph is draining");
    const forced = setTimeout(() => process.exit(1), config.drainTimeoutMs);
    await served.drain();
    await closeServices(services);
    clearTimeout(forced);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
  process.on("unhandledRejection", (error) => {
    log.fatal({ err: error }, "a rejection that nobody handled");
    process.exit(1);
  });
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
  return { config, keys, log, pubsub, databases: await openDatabases(config.database), keyring: personKeyring(keys.masterKey) };
}

/** Closes what `openServices` opened. */
export async function closeServices({ pubsub, databases }: Services): Promise<void> {
  await pubsub.close();
  await databases.close();
}
