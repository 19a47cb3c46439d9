import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiSchemaOf } from "@weft/gateway";
import { printSchema } from "graphql";
import { composeFiles } from "./compose/compose-files.js";
import { vendorPortalOf } from "./compose/vendor-portal.js";
import { allSubgraphs } from "./subgraphs.js";
import { composeWithHash } from "./supergraph.js";

/**
 * `pnpm compose`: writes `supergraph.graphql`, the printed API schema `schema.graphql`, and its part for vendors, `vendor-portal.graphql`. With
 * `--check`, it writes nothing and fails if one of them is stale. Both modes fail on a change that breaks clients and is not accepted; `--accept REASON` accepts it.
 */
const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, accept: { type: "string" } } });
const subgraphs = allSubgraphs();
const supergraphSdl = composeWithHash(subgraphs);

const isGood = await composeFiles({
  root: fileURLToPath(new URL("../../../", import.meta.url)),
  supergraphSdl,
  apiSchema: `${printSchema(apiSchemaOf(supergraphSdl))}\n`,
  vendorPortal: vendorPortalOf(supergraphSdl, subgraphs),
  mode: values.check ? "check" : "write",
  ...(values.accept !== undefined && { accept: { reason: values.accept, date: new Date().toISOString().slice(0, 10) } }),
  say: (line) => console.log(line),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return false;
});
if (!isGood) process.exitCode = 1;
