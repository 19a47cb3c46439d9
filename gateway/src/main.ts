import { fileURLToPath } from "node:url";
import { ConfigError, subgraphNames } from "@weft/platform/config";
import { runProcess } from "@weft/api/subgraph";
import { readExampleOperations } from "./explorer/example-operations.js";
import { createGateway } from "./gateway.js";
import type { SubgraphSource } from "./subgraphs/source.js";
import { followSchemas, readSchemas } from "./supergraph/schema-files.js";

// Runs the gateway as a separate process: subgraphs over HTTP, the supergraph that was composed by the build, which can change while the process runs.

const root = new URL("../../", import.meta.url);

await runProcess("gateway", async (services) => {
  const { subgraphUrls, supergraphDir = fileURLToPath(new URL("dist/", root)), supergraphPollMs } = services.config;
  const missing = subgraphNames.filter((name) => subgraphUrls[name] === undefined);
  if (missing.length > 0) {
    throw new ConfigError(
      missing.map((name) => `WEFT_SUBGRAPH_${name.toUpperCase()}_URL: is not set. Set it to the URL of the subgraph ${name}`),
    );
  }
  const gateway = await createGateway({
    ...services,
    subgraphs: subgraphNames.map((name): SubgraphSource => ({ kind: "http", name, url: subgraphUrls[name] ?? "" })),
    ...(await readSchemas(supergraphDir)),
    explorer: { operations: await readExampleOperations(fileURLToPath(new URL("examples/operations/", root))) },
    docsSite: fileURLToPath(new URL("docs-site/dist/", root)),
    consoleSite: fileURLToPath(new URL("apps/console/dist/", root)),
  });
  await gateway.listen();
  const { log } = services;
  const followed = await followSchemas(supergraphDir, { reload: (schemas) => gateway.reload(schemas), everyMs: supergraphPollMs, log });
  return {
    url: gateway.url,
    // At the same time: a supergraph that is being loaded must not delay it.
    drain: async () => void (await Promise.all([followed.stop(), gateway.drain()])),
  };
});
