// `node scripts/run.ts PROGRAM …`: runs a program of apps/standalone, after building it if its sources have changed.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildDocsLater } from "./build-docs-later.ts";
import { buildIfChanged } from "./build-if-changed.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "main"] = process.argv.slice(2);
const program = new URL(`../apps/standalone/dist/${name}.js`, import.meta.url);

const code = buildIfChanged({
  root,
  // Types are checked by `pnpm check`. Without type checking, a first build takes 14 s of processor time instead of 23. pnpm puts the workspace's
  // programs first in the PATH.
  build: () =>
    spawnSync("tsc", ["-b", "apps/standalone", "--noCheck"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" }).status,
  say: (line) => process.stderr.write(`weft: ${line}\n`),
});
if (code !== 0) process.exit(code);
if (name === "main") buildDocsLater(root);
// Runs in this process, because starting another one would take time. The program sees its own name and arguments.
process.argv.splice(1, 2, fileURLToPath(program));
await import(program.href);
