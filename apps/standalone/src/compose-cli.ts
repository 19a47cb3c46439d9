import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiSchemaOf } from "@weft/gateway";
import { printSchema } from "graphql";
import { clientFacts } from "./compose/client-facts.js";
import { composeFiles, writeBuiltFiles } from "./compose/compose-files.js";
import { serverFacts } from "./compose/server-facts.js";
import { allSubgraphs } from "./subgraphs.js";
import { composedSupergraph, composedVendorPortal, supergraphFile, vendorPortalFile } from "./supergraph.js";

/**
 * `pnpm compose`: writes the printed API schema `schema.graphql`, what `@weft/client` and `@weft/server` must know of Weft, and into `dist` the supergraph
 * and the part of the API for vendors. With `--check`, it fails if a committed file is stale. Both modes fail on a change that breaks clients and is not accepted;
 * `--accept REASON` accepts it. With `--built`, it only writes into `dist`.
 */
const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, accept: { type: "string" }, built: { type: "boolean", default: false } },
});
const root = fileURLToPath(new URL("../../../", import.meta.url));
const subgraphs = allSubgraphs();
const supergraphSdl = composedSupergraph(subgraphs);
const built = { [supergraphFile]: supergraphSdl, [vendorPortalFile]: composedVendorPortal(supergraphSdl, subgraphs) };

if (values.built) writeBuiltFiles(root, built);
else {
  const schema = apiSchemaOf(supergraphSdl);
  const isGood = await composeFiles({
    root,
    apiSchema: `${printSchema(schema)}\n`,
    built,
    derived: { ...clientFacts(schema), ...serverFacts(root) },
    mode: values.check ? "check" : "write",
    ...(values.accept !== undefined && { accept: { reason: values.accept, date: new Date().toISOString().slice(0, 10) } }),
    say: (line) => console.log(line),
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return false;
  });
  if (!isGood) process.exitCode = 1;
}
