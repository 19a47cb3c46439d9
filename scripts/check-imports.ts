// Part of `pnpm check`: rejects imports that point to a higher layer, reach into another package or create a cycle.
import { checkImports } from "./imports/check.ts";
import { readSources } from "./imports/sources.ts";

const sources = readSources();
const problems = checkImports(sources);
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0
    ? `The imports of ${sources.size} files point down and have no cycles.`
    : `${problems.length} problems. \`pnpm imports\` shows the graph.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
