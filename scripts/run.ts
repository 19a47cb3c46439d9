// `node scripts/run.ts PROGRAM …`: runs a program, after building it if its sources have changed. Types are checked by `pnpm check`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { outdatedBundles } from "./bundle/bundle-if-changed.ts";
import { isProgramName, neededBy } from "./bundle/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = "main"] = process.argv.slice(2);
if (!isProgramName(name)) throw new Error(`There is no program "${name}". See scripts/bundle/programs.ts.`);
const program = join(root, `dist/${name}.js`);
const options = { cwd: root, stdio: "inherit", shell: process.platform === "win32" } as const;
const say = (line: string): void => void process.stderr.write(`weft: ${line}\n`);

// The supervisor starts the server. A process of its own, because the bundler takes more memory than the supervisor.
const outdated = outdatedBundles(root, neededBy(name, process.argv.slice(3)));
if (outdated.length > 0) {
  say(existsSync(program) ? "The sources have changed: building." : "Building Weft. The first time takes some seconds more.");
  const startedAt = performance.now();
  const { status } = spawnSync("node", [join(root, "scripts/bundle/cli.ts"), ...outdated], options);
  if (status !== 0) process.exit(status ?? 1);
  say(`Built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}
// Runs in this process, because starting another one would take time. The program sees its own name and arguments.
process.argv.splice(1, 2, program);
// The command line works where its user is. pnpm runs scripts in the root of the workspace.
if (name === "weft") process.chdir(process.env["INIT_CWD"] ?? ".");
await import(pathToFileURL(program).href);
