// `node scripts/run.ts PROGRAM …`: runs a program, after building and bundling it if its sources have changed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDocsLater } from "./build-docs-later.ts";
import { buildIfChanged } from "./build-if-changed.ts";
import { outdatedBundles } from "./bundle/bundle-if-changed.ts";
import { isProgramName } from "./bundle/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "main"] = process.argv.slice(2);
if (!isProgramName(name)) throw new Error(`There is no program "${name}". See scripts/bundle/programs.ts.`);
const program = join(root, `dist/${name}.js`);
const options = { cwd: root, stdio: "inherit", shell: process.platform === "win32" } as const;
const say = (line: string): void => void process.stderr.write(`weft: ${line}\n`);

const code = buildIfChanged({
  root,
  // Types are checked by `pnpm check`. Without type checking, a first build takes 14 s of processor time instead of 23. pnpm puts the workspace's
  // programs first in the PATH.
  build: () => spawnSync("tsc", ["-b", "apps/standalone", "apps/cli", "--noCheck"], options).status,
  say,
});
if (code !== 0) process.exit(code);
// The supervisor starts the server. A process of its own, because the bundler takes more memory than the supervisor.
const outdated = outdatedBundles(root, name === "main" ? ["main", "server"] : [name]);
if (outdated.length > 0) {
  const startedAt = performance.now();
  const { status } = spawnSync("node", [join(root, "scripts/bundle/cli.ts"), ...outdated], options);
  if (status !== 0) process.exit(status ?? 1);
  say(`Bundled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}
if (name === "main") buildDocsLater(root);
// Runs in this process, because starting another one would take time. The program sees its own name and arguments.
process.argv.splice(1, 2, program);
// The command line works where its user is. pnpm runs scripts in the root of the workspace.
if (name === "weft") process.chdir(process.env["INIT_CWD"] ?? ".");
await import(pathToFileURL(program).href);
