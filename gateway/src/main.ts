import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ConfigError, closeServices, openServices, subgraphNames } from "@weft/shared";
import { readExampleOperations } from "./explorer/example-operations.js";
import { createGateway } from "./gateway.js";
import type { SubgraphSource } from "./subgraphs/source.js";

// The gateway as a process of its own: subgraphs over HTTP, the committed supergraph.

const root = new URL("../../", import.meta.url);

const services = await openServices(process.env);
const { config, log } = services;
const missing = subgraphNames.filter((name) => config.subgraphUrls[name] === undefined);
if (missing.length > 0) {
  await closeServices(services);
  throw new ConfigError(
    missing.map((name) => `WEFT_SUBGRAPH_${name.toUpperCase()}_URL: the gateway has to know where the subgraph ${name} is`),
  );
}
const gateway = await createGateway({
  ...services,
  subgraphs: subgraphNames.map((name): SubgraphSource => ({ kind: "http", name, url: config.subgraphUrls[name] ?? "" })),
  supergraphSdl: await readFile(new URL("supergraph.graphql", root), "utf8"),
  explorer: { operations: await readExampleOperations(fileURLToPath(new URL("examples/operations/", root))) },
});
await gateway.listen();
log.info({ url: gateway.url }, "the gateway is listening");

async function stop(signal: string): Promise<void> {
  log.info({ signal }, "the gateway is draining");
  // The drain has a limit of its own; this is for what hangs after it.
  const forced = setTimeout(() => process.exit(1), config.drainTimeoutMs + 5_000);
  await gateway.drain();
  await closeServices(services);
  clearTimeout(forced);
}

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "a rejection that nobody handled");
  process.exit(1);
});
