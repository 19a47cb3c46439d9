// `pnpm check`: all checks that do not require a running Weft. All steps run even if one fails, so that a single run reports all problems.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format", "oxfmt", "--check"],
  ["clients", "node", "scripts/check-clients.ts"],
  ["indexes", "node", "scripts/indexes.ts", "--check"],
  ["types", "tsc", "-b"],
  ["public API", "node", "scripts/api-reports.ts", "--check"],
  // These need the types, and build the pages that the next step and that of the prose read.
  ["schema", "node", "--enable-source-maps", "apps/standalone/dist/compose-cli.js", "--check"],
  ["schema changes", "node", "--enable-source-maps", "apps/standalone/dist/schema-check-cli.js"],
  ["client operations", "node", "scripts/client-operations.ts", "--check"],
  ["package operations", "node", "scripts/package-operations.ts", "--check"],
  ["generated docs", "node", "--enable-source-maps", "apps/standalone/dist/docs-cli.js", "--check"],
  ["commands", "node", "--enable-source-maps", "apps/cli/dist/commands-cli.js", "--check"],
  ["documentation", "node", "scripts/check-docs.ts"],
  ["lint", "oxlint", "--deny-warnings"],
  ["imports", "node", "scripts/check-imports.ts"],
  ["terms", "node", "scripts/check-terms.ts"],
  ["prose", "node", "scripts/prose.ts", "--check"],
  ["planted defects", "node", "scripts/planted.ts", "--check"],
  ["dead code", "knip", "--no-config-hints"],
];

const only = process.argv.slice(2);
const failed: string[] = [];
for (const [name, command, ...args] of steps.filter(([step]) => only.length === 0 || only.includes(step))) {
  console.log(`\n── ${name}: ${command} ${args.join(" ")}`);
  const startedAt = performance.now();
  // pnpm puts the workspace's programs, including Node, first in the PATH.
  const { status, error } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) failed.push(name);
  console.log(
    `── ${name}: ${error ? error.message : status === 0 ? "good" : "failed"}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
}
console.log(failed.length === 0 ? "\nEverything is in order." : `\nNot in order: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
