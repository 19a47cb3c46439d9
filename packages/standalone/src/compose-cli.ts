import { readFile, writeFile } from "node:fs/promises";
import { apiSchemaOf } from "@weft/gateway";
import { buildSchema, findBreakingChanges, printSchema } from "graphql";
import { allSubgraphs } from "./subgraphs.js";
import { composeWithHash } from "./supergraph.js";

/**
 * `pnpm compose`: writes `supergraph.graphql` and the printed API schema `schema.graphql`. With `--check` it writes nothing and fails when one of them is stale;
 * it names every change that would break a client.
 */
const root = new URL("../../../", import.meta.url);
const supergraphSdl = composeWithHash(allSubgraphs());
const apiSchema = `${printSchema(apiSchemaOf(supergraphSdl))}\n`;
const files = { "supergraph.graphql": supergraphSdl, "schema.graphql": apiSchema };
const committed = async (name: string): Promise<string | null> => readFile(new URL(name, root), "utf8").catch(() => null);

const before = await committed("schema.graphql");
const breaking = before === null ? [] : findBreakingChanges(buildSchema(before), buildSchema(apiSchema));
for (const { description } of breaking) console.log(`Breaks clients: ${description}`);

for (const [name, content] of Object.entries(files)) {
  if ((await committed(name)) === content) continue;
  if (process.argv.includes("--check")) {
    console.error(`${name} is stale: run \`pnpm compose\` and commit it.`);
    process.exitCode = 1;
  } else {
    await writeFile(new URL(name, root), content);
    console.log(`Wrote ${name}.`);
  }
}
