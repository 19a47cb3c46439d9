import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ConfigError, runProcess, subgraphNames } from "@weft/shared";
import { readExampleOperations } from "./explorer/example-operations.js";
import { createGateway } from "./gateway.js";
import type { SubgraphSource } from "./subgraphs/source.js";

// Runs the gateway as a separate process: subgraphs over HTTP, the committed supergraph.

const root = new URL("../../", import.meta.url);

await runProcess("gateway", async (services) => {
  const { subgraphUrls } = services.config;
  const missing = subgraphNames.filter((name) => subgraphUrls[name] === undefined);
  if (missing.length > 0) {
    throw new ConfigError(
      missing.map((name) => `WEFT_SUBGRAPH_${name.toUpperCase()}_URL: is not set. Set it to the URL of the subgraph ${name}`),
    );
  }
  const gateway = await createGateway({
    ...services,
    subgraphs: subgraphNames.map((name): SubgraphSource => ({ kind: "http", name, url: subgraphUrls[name] ?? "" })),
    supergraphSdl: await readFile(new URL("supergraph.graphql", root), "utf8"),
    vendorPortalSdl: await readFile(new URL("vendor-portal.graphql", root), "utf8"),
    explorer: { operations: await readExampleOperations(fileURLToPath(new URL("examples/operations/", root))) },
    docsSite: fileURLToPath(new URL("docs-site/dist/", root)),
  });
  await gateway.listen();
  return gateway;
});
