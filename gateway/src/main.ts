import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ConfigError, subgraphNames } from "@weft/platform/config";
import { runProcess } from "@weft/api/subgraph";
import { readExampleOperations } from "./explorer/example-operations.js";
import { createGateway } from "./gateway.js";
import type { SubgraphSource } from "./subgraphs/source.js";

// Runs the gateway as a separate process: subgraphs over HTTP, the supergraph that was composed by the build.

const root = new URL("../../", import.meta.url);

async function readSchema(name: string): Promise<string> {
  const file = new URL(`dist/${name}`, root);
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`The gateway cannot read ${fileURLToPath(file)}. Write it with \`npx --yes pnpm build\`.`, { cause });
  });
}

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
    supergraphSdl: await readSchema("supergraph.graphql"),
    vendorPortalSdl: await readSchema("vendor-portal.graphql"),
    explorer: { operations: await readExampleOperations(fileURLToPath(new URL("examples/operations/", root))) },
    docsSite: fileURLToPath(new URL("docs-site/dist/", root)),
    consoleSite: fileURLToPath(new URL("apps/console/dist/", root)),
  });
  await gateway.listen();
  return gateway;
});
