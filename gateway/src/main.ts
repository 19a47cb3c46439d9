import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  createLogger,
  inProcessPubSub,
  loadConfig,
  loadKeys,
  openDatabases,
  redisPubSub,
  subgraphNames,
  withDatabaseUrls,
} from "@weft/shared";
import { readExampleOperations } from "./explorer/example-operations.js";
import { createGateway } from "./gateway.js";
import type { SubgraphSource } from "./subgraphs/source.js";

// The gateway as a process of its own: subgraphs over HTTP, the committed supergraph.

const root = new URL("../../", import.meta.url);

async function main(): Promise<void> {
  const loaded = loadConfig(process.env);
  const keys = loadKeys(loaded.keysFile, { create: false, mode: loaded.mode });
  const config = withDatabaseUrls(loaded, keys);
  const log = createLogger(config);
  const subgraphs = subgraphNames.map((name): SubgraphSource => {
    const url = config.subgraphUrls[name];
    if (url === undefined)
      throw new Error(`WEFT_SUBGRAPH_${name.toUpperCase()}_URL is not set: the gateway does not know where the subgraph ${name} is.`);
    return { kind: "http", name, url };
  });
  const databases = await openDatabases(config.database);
  const onError = (error: unknown): void => log.warn({ err: error }, "Redis is in trouble.");
  const pubsub =
    config.redisUrl === undefined ? inProcessPubSub({ onError }) : await redisPubSub(config.redisUrl, config.redisPrefix, { onError });
  const gateway = await createGateway({
    config,
    keys,
    log,
    databases,
    pubsub,
    subgraphs,
    supergraphSdl: await readFile(new URL("supergraph.graphql", root), "utf8"),
    explorer: { operations: await readExampleOperations(fileURLToPath(new URL("examples/operations/", root))) },
  });
  await gateway.listen();
  log.info({ url: gateway.url }, "The gateway listens.");

  const stop = async (): Promise<void> => {
    await gateway.drain();
    await pubsub.close();
    await databases.close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "The gateway did not stop cleanly.");
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(78);
});
