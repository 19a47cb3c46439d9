// Part of `pnpm check`: the project that builds the documentation site, which is not a package of the workspace, and the links and order of docs/.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installApart } from "./install-apart.ts";

installApart(["docs-site"]);

const folder = fileURLToPath(new URL("../docs-site", import.meta.url));
const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" }).status === 0;

const good = [run("tsc"), run("knip", "--no-config-hints"), run("node", "src/packages-cli.ts") && run("node", "src/check.ts")];
process.exitCode = good.every(Boolean) ? 0 : 1;
