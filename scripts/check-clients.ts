// Part of `pnpm check`: the example clients and the console, which are not packages of the workspace. Runs before the lint step, because linting them
// requires what this step installs and generates.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installApart } from "./install-apart.ts";

const folders = ["examples/clients", "apps/console"];
installApart(folders);

const good = folders.flatMap((folder) => {
  const cwd = fileURLToPath(new URL(`../${folder}`, import.meta.url));
  const run = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { cwd, stdio: "inherit", shell: process.platform === "win32" }).status === 0;
  return [run("pnpm", "--silent", "run", "check"), run("knip", "--no-config-hints")];
});
process.exitCode = good.every(Boolean) ? 0 : 1;
