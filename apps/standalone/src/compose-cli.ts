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
 * and the part of the API for vendors. Fails on a change that breaks clients and is not allowed; `--accept REASON [PATH…]` accepts all of them, or those at these
 * paths. With `--check`, it only fails if a committed file is stale. With `--built`, it only writes into `dist`.
 */
const { values, positionals } = parseArgs({
  options: { check: { type: "boolean", default: false }, accept: { type: "string" }, built: { type: "boolean", default: false } },
  allowPositionals: true,
});
if (positionals.length > 0 && values.accept === undefined)
  throw new Error(`${positionals.join(" ")}: paths are those of changes to accept. Give the reason with --accept.`);
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
    today: new Date().toISOString().slice(0, 10),
    ...(values.accept !== undefined && { accept: { reason: values.accept, paths: positionals } }),
    say: (line) => console.log(line),
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return false;
  });
  if (!isGood) process.exitCode = 1;
}
