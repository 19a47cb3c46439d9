import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { apiSchemaOf } from "@weft/gateway";
import { printSchema } from "graphql";
import { checkSchema } from "./compose/schema-check.js";
import { allSubgraphs } from "./subgraphs.js";
import { supergraphOf } from "./supergraph.js";

/**
 * `pnpm schema:check`: lists what has changed in the API, from breaking to safe, and fails on a breaking change that is neither accepted nor the end of a
 * deprecation. `--dangerous` also fails on dangerous changes. `--against FILE` compares with the schema in a file, such as that of the version that you run.
 */
const { values } = parseArgs({ options: { dangerous: { type: "boolean", default: false }, against: { type: "string" } } });
const { against } = values;
const isGood = await checkSchema({
  root: fileURLToPath(new URL("../../../", import.meta.url)),
  apiSchema: `${printSchema(apiSchemaOf(supergraphOf(allSubgraphs())))}\n`,
  against: against === undefined ? undefined : { what: against, sdl: await readFile(against, "utf8") },
  failsOnDangerous: values.dangerous,
  today: new Date().toISOString().slice(0, 10),
  say: (line) => console.log(line),
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return false;
});
if (!isGood) process.exitCode = 1;
