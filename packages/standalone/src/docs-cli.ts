import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { generatedPages } from "./docs/pages.js";

/** `pnpm run docs`: writes the generated pages. With `--check` it writes nothing and fails when one is stale. */
const isCheck = process.argv.includes("--check");

for (const [path, generate] of Object.entries(generatedPages)) {
  const file = new URL(`../../../${path}`, import.meta.url);
  if (!isCheck) writeFileSync(file, generate());
  else if (!existsSync(file) || readFileSync(file, "utf8") !== generate()) {
    console.error(`${path} is stale: run \`pnpm run docs\` and commit it.`);
    process.exitCode = 1;
  }
}
