// Installs the projects that are needed only by `pnpm check`, `pnpm test:hard`, `pnpm run docs:site` and `pnpm run console`. They are not packages of the workspace, so
// that `pnpm start` does not wait for them. Arguments: the folders. Default: all except the peers of the benches, which `pnpm bench` installs when it
// needs one. Takes a fraction of a second if everything is installed.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const all = ["testkit/browser-driver", "testkit/package-checks", "examples/clients", "docs-site", "apps/console"];
const peers = ["bench/hive-gateway", "bench/postgraphile"];

/** Installs these projects. Ends the process if that fails. */
export function installApart(folders: readonly string[]): void {
  for (const folder of folders) install(folder);
}

function install(folder: string): void {
  // pnpm adds itself to the PATH of its scripts.
  const { status, error, stdout, stderr } = spawnSync("pnpm", ["--dir", folder, "install", "--frozen-lockfile"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(
    error
      ? `pnpm did not start (${error.message}). Run this through it: \`npx --yes pnpm exec node scripts/install-apart.ts\`.`
      : `Installing ${folder} failed:\n${stdout}${stderr}`,
  );
  process.exit(1);
}

if (import.meta.main) installApart(process.argv.length === 2 ? all : [...all, ...peers].filter((folder) => process.argv.includes(folder)));
