import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { commandsPage, commandsPagePath } from "./commands-page.js";

/** The part of `pnpm run docs` that describes the command line. With `--check`, it writes nothing and fails if the page is stale. */
const file = new URL(`../../../${commandsPagePath}`, import.meta.url);
const isCurrent = existsSync(file) && readFileSync(file, "utf8") === commandsPage();
if (!process.argv.includes("--check")) writeFileSync(file, commandsPage());
else if (!isCurrent) {
  console.error(`${commandsPagePath} is out of date. Run \`pnpm run docs\` and commit the result.`);
  process.exitCode = 1;
}
