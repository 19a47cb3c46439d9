// Part of `pnpm check`: the example clients, which are not a package of the workspace. Runs before the lint step, because linting the clients
// requires what this step installs and what relay-compiler generates.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installApart } from "./install-apart.ts";

installApart(["examples/clients"]);

const folder = fileURLToPath(new URL("../examples/clients", import.meta.url));
const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" }).status === 0;

const good = [run("pnpm", "--silent", "run", "check"), run("knip", "--no-config-hints")];
process.exitCode = good.every(Boolean) ? 0 : 1;
