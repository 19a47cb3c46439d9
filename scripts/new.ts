// `pnpm new aggregate NAME --in SUBGRAPH`: creates the files of an aggregate with a code and a name. CONTRIBUTING.md describes the next steps.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { namesOf } from "./aggregate/names.ts";
import { subgraphs, writeAggregate } from "./aggregate/write.ts";

const usage = `Usage: pnpm new aggregate NAME --in ${subgraphs.join("|")} [--plural NAMES] [--prefix ABC]`;

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { in: { type: "string" }, plural: { type: "string" }, prefix: { type: "string" } },
  });
  const [what, name, ...more] = positionals;
  const subgraph = values.in;
  if (what !== "aggregate" || name === undefined || more.length > 0 || subgraph === undefined || !subgraphs.includes(subgraph))
    throw new Error(usage);
  const { written, indexes } = writeAggregate(process.cwd(), namesOf(name, { subgraph, plural: values.plural, prefix: values.prefix }));
  spawnSync(
    "oxfmt",
    written.filter((path) => path.endsWith(".ts")),
    { stdio: "ignore", shell: process.platform === "win32" },
  );
  console.log(`Created:\n${lines(written)}\nAdded to the indexes:\n${lines(indexes)}\n
Next: add the fields of its own, review who can do what (roles, vendor policy in the migration), move the resolver to another area of the API
at the end of its file if it belongs there, and add its mutations to
  packages/shared/src/viewer/operator-mutations.ts
  apps/standalone/src/recent-logins.fixture.ts
  packages/platform/src/step-operations/operations-of-runs.ts or apps/standalone/src/operations-for-people.fixture.ts
Then run
pnpm compose && pnpm run docs && pnpm expected && pnpm check, and add a line to CHANGELOG.md.`);
}

const lines = (paths: readonly string[]): string => paths.map((path) => `  ${path}`).join("\n");

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
