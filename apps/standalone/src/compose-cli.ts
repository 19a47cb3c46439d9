import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiSchemaOf } from "@weft/gateway";
import { printSchema } from "graphql";
import { composeFiles } from "./compose/compose-files.js";
import { allSubgraphs } from "./subgraphs.js";
import { composeWithHash } from "./supergraph.js";

/**
 * `pnpm compose`: writes `supergraph.graphql` and the printed API schema `schema.graphql`. With `--check`, it writes nothing and fails if one of them
 * is stale. Both modes fail on a change that breaks clients and is not accepted; `--accept REASON` accepts it.
 */
const { values } = parseArgs({ options: { check: { type: "boolean", default: false }, accept: { type: "string" } } });
const supergraphSdl = composeWithHash(allSubgraphs());

const isGood = await composeFiles({
  root: fileURLToPath(new URL("../../../", import.meta.url)),
  supergraphSdl,
  apiSchema: `${printSchema(apiSchemaOf(supergraphSdl))}\n`,
  mode: values.check ? "check" : "write",
  ...(values.accept !== undefined && { accept: { reason: values.accept, date: new Date().toISOString().slice(0, 10) } }),
  say: (line) => console.log(line),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return false;
});
if (!isGood) process.exitCode = 1;
