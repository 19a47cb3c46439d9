// `node scripts/run.ts PROGRAM …`: runs a program of packages/standalone, built before where its sources have changed.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildIfChanged } from "./build-if-changed.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "main"] = process.argv.slice(2);
const program = new URL(`../packages/standalone/dist/${name}.js`, import.meta.url);

const code = buildIfChanged({
  root,
  // Types are for `pnpm check` to judge: without that a first build takes 14 s of processor time in place of 23. pnpm puts the workspace's
  // programs in front of the PATH.
  build: () =>
    spawnSync("tsc", ["-b", "packages/standalone", "--noCheck"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
      .status,
  say: (line) => process.stderr.write(`weft: ${line}\n`),
});
if (code !== 0) process.exit(code);
// In this process: another one would take its time to start. The program sees its own name and its own arguments.
process.argv.splice(1, 2, fileURLToPath(program));
await import(program.href);
