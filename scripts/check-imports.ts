// Holds the import directions of docs/decisions; part of `pnpm check`.
import { globSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { checkImports } from "./imports/check.ts";

const paths = globSync([
  "{drizzle,gateway,bench}/src/**/*.ts",
  "{packages,subgraphs}/*/src/**/*.ts",
  "scripts/**/*.ts",
  "examples/clients/{shared,apollo,urql,relay}/*.{ts,tsx}",
]);
const sources = new Map(paths.map((path) => [path.split(sep).join("/"), readFileSync(path, "utf8")]));
const problems = checkImports(sources);
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0 ? `The imports of ${sources.size} files keep their directions.` : `${problems.length} imports go a wrong way.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
